import { mkdtempSync, mkdirSync, symlinkSync, readdirSync, writeFileSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { it } from "vitest";
import { verifyProvider } from "../../../conformance/src/index.js";
import { unixLocal } from "../../../providers/unix-local/src/index.js";

it("verifies", async () => {
  const base = realpathSync(mkdtempSync(`${tmpdir()}/mooring-conf-`));
  mkdirSync(`${base}/bin`);
  mkdirSync(`${base}/ws`);
  const flavour = process.env.K2_SHELL ?? "dash";
  if (flavour === "busybox") {
    for (const name of "cat chmod chown cp cut date dd df dirname echo env expr false find grep head id kill ln ls mkdir mkfifo mktemp mv nc nohup od ps pwd readlink rm rmdir sed seq setsid sh sha256sum sleep sort stat sync tail tar tee test touch tr true uname wc which whoami yes printf basename cksum awk uniq".split(
      " ",
    ))
      symlinkSync("/usr/bin/busybox", `${base}/bin/${name}`);
  } else {
    for (const dir of ["/usr/bin", "/bin", "/usr/local/bin"])
      for (const name of readdirSync(dir)) {
        if (/^perl/.test(name) || name === "sh") continue;
        try {
          symlinkSync(`${dir}/${name}`, `${base}/bin/${name}`);
        } catch {}
      }
    symlinkSync(`/bin/${flavour}`, `${base}/bin/sh`);
  }
  process.env.PATH = `${base}/bin`;
  process.env.HOME = base;
  const lines: string[] = [];
  const verification = verifyProvider(unixLocal(), {
    destination: {
      id: "x",
      providerId: "unix-local",
      config: { root: `${base}/ws` },
      defaultManifest: { entries: [], mounts: [] },
    } as never,
    ...(process.env.K2_ONLY ? { only: process.env.K2_ONLY.split(",") } : {}),
  });
  for await (const result of verification)
    lines.push(
      `${result.status} ${result.id} ${result.durationMs}ms ${result.reason ?? ""}${result.status === "failed" ? "\n   " + JSON.stringify(result.evidence) : ""}`,
    );
  lines.push(JSON.stringify(verification.capabilities));
  writeFileSync(`/tmp/k2-conf-${flavour}.txt`, lines.join("\n"));
}, 600_000);
