import { mkdtempSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { HelperClient, helperSource } from "../support/helper-client.js";
import { childrenOf, isAlive } from "../support/processes.js";

describe("The spawner, forked before the rest of the helper is compiled,", () => {
  test("has far less memory than the helper, as have the supervisors that it forks", async () => {
    await using client = await HelperClient.open();
    await client.sh("true").result;
    const helper = client.process.pid ?? 0;
    const [spawner = 0] = childrenOf(helper).filter((pid) => nameOf(pid) === "mooring-spawner");
    const supervisors = childrenOf(spawner);
    expect(supervisors.length).toBeGreaterThan(0);
    for (const pid of [spawner, ...supervisors]) expect(ownMemory(pid)).toBeLessThan(ownMemory(helper) * 0.7);
  });

  test("calls nothing of what is compiled later", () => {
    const [first = "", later = ""] = helperSource.split("\n__END__\n");
    const defined = [...later.matchAll(/^sub (\w+)/gm)].map(([, name = ""]) => name);
    expect(defined.length).toBeGreaterThan(100);
    const called = defined.filter((name) => new RegExp(`(?<![\\w$@%:{>'])${name}\\s*\\(|\\\\&${name}\\b`).test(first));
    expect(called).toEqual([]);
  });

  test("gets an environment that fits no message", async () => {
    const values = Array.from({ length: 10 }, (_, index) => `LARGE_${index}=${"x".repeat(100_000)}`);
    await using client = await HelperClient.open({ env: [`PATH=${process.env["PATH"]}`, ...values] });
    const request = client.sh(`printf %s "$LARGE_0$LARGE_9" | wc -c`);
    await request.result;
    expect(request.text().trim()).toBe("200000");
  });

  test("is replaced when it was killed before the session began", async () => {
    await using client = startHelper();
    const [spawner = 0] = await spawnersOf(client);
    process.kill(spawner, "SIGKILL");
    await client.request("session.open", {
      root: client.workspace,
      createRoot: true,
      env: ["PATH=/usr/bin:/bin"],
      confinement: "none",
      sessionId: "one",
      mode: "create",
      leaseMs: 30_000,
    }).result;
    const request = client.sh("echo said");
    await request.result;
    expect(request.text()).toBe("said\n");
    await client.end("destroy");
    expect(isAlive(spawner)).toBe(false);
  });

  test("goes with a helper that never had a session, however that ends", async () => {
    for (const end of [
      (client: HelperClient) => client.process.stdin?.end(),
      (client: HelperClient) => client.process.kill("SIGKILL"),
    ]) {
      await using client = startHelper();
      const [spawner = 0] = await spawnersOf(client);
      expect(isAlive(spawner)).toBe(true);
      end(client);
      await client.exited;
      await expect.poll(() => isAlive(spawner), { timeout: 10_000 }).toBe(false);
    }
  });
});

/** One that has no session yet. */
function startHelper(): HelperClient {
  return new HelperClient(mkdtempSync(path.join(os.tmpdir(), "mooring-helper-")), true, "bytes");
}

async function spawnersOf({ process: helper }: HelperClient): Promise<number[]> {
  let found: number[] = [];
  await expect
    .poll(() => (found = childrenOf(helper.pid ?? 0).filter((pid) => nameOf(pid) === "mooring-spawner")), {
      timeout: 10_000,
    })
    .toHaveLength(1);
  return found;
}

/** In kilobytes: what it does not share with files. */
function ownMemory(pid: number): number {
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]);
}

function nameOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, "latin1").trim();
}
