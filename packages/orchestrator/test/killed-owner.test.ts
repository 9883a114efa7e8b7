import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { unixLocal } from "@mooring/unix-local";
import { createOrchestrator } from "../src/index.js";
import { journalStore } from "./support/journal-store.js";

const firstOwner = fileURLToPath(new URL("fixtures/first-owner.ts", import.meta.url));

test("After kill -9 of the process that opened it, a thread's session is resumed and nothing of it was left running", async () => {
  const base = await realpath(await mkdtemp(join(tmpdir(), "mooring-killed-owner-")));
  try {
    const root = join(base, "workspace");
    const journal = join(base, "journal");
    await mkdir(root);
    const owner = spawn(
      process.execPath,
      ["--conditions=@mooring/source", "--import", "tsx", firstOwner, journal, root],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const [line] = (await once(owner.stdout, "data")) as [Buffer];
    owner.kill("SIGKILL");
    await once(owner, "exit");
    const sleeper = Number(line.toString());

    const orchestrator = createOrchestrator({ providers: [unixLocal()], store: await journalStore(journal) });
    const opened = (await orchestrator.get("t1"))?.sessionId;
    expect(opened).toEqual(expect.any(String));
    const thread = orchestrator.thread("t1");
    expect((await thread.call("read_file", { path: "a" })).content).toBe("1\tkept");
    expect((await orchestrator.get("t1"))?.sessionId).toBe(opened);
    const { events } = await thread.events.read();
    expect(events.filter((event) => event.type.startsWith("session."))).toMatchObject([
      { type: "session.created", sessionId: opened },
      { type: "session.resumed", sessionId: opened, data: { outcome: "reattached" } },
    ]);
    expect(() => process.kill(sleeper, 0)).toThrow("ESRCH");
    await orchestrator.unbind("t1");
    await orchestrator.close();
  } finally {
    await rm(base, { recursive: true, force: true });
  }
});
