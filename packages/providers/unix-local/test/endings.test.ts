import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { childrenOf, eventually, marked } from "./processes.js";
import { useWorkspace } from "./workspace.js";

const workspace = useWorkspace();

/** Six ways of living on: a child, one that ignores hang-ups, a session of its own, an orphan that ignores TERM, one with no environment, one that moves on. */
function survivorsScript(mark: string): string {
  return [
    `export MARK=${mark}`,
    "sleep 300 &",
    "nohup sleep 300 >/dev/null 2>&1 &",
    "setsid sleep 300 &",
    `(setsid sh -c 'trap "" TERM; : ${mark}; while :; do sleep 300; done' >/dev/null 2>&1 &)`,
    `env -i /bin/sh -c ': ${mark}; sleep 300; :' &`,
    `(sh -c 'hop() { sleep 0.02; (hop &) ; }; : ${mark}; hop' >/dev/null 2>&1 &)`,
    "echo ready",
    "sleep 300",
  ].join("\n");
}

async function started(arguments_: readonly string[]) {
  const owner = spawn(
    process.execPath,
    [
      "--conditions=@mooring/source",
      "--import",
      "tsx",
      fileURLToPath(new URL("fixtures/owner.ts", import.meta.url)),
      ...arguments_,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  await once(owner.stdout, "data");
  return owner;
}

describe("nothing is left behind", () => {
  test.each(["cancel", "timeout", "close", "destroy"] as const)(
    "by %s, whatever kind of process it is",
    async (ending) => {
      const mark = `mooring-mark-${randomUUID()}`;
      const session = await workspace().open();
      const command = await session.commands.start({
        script: survivorsScript(mark),
        graceMs: 50,
        ...(ending === "timeout" ? { timeoutMs: 700 } : {}),
      });
      await command.read(undefined, { waitMs: 20_000 });
      expect((await marked(mark)).length).toBeGreaterThanOrEqual(5);
      if (ending === "cancel")
        expect(await command.cancel()).toEqual({ cancelled: true, survivors: [], confirmed: true });
      if (ending === "close" || ending === "destroy") {
        expect(await session[ending]()).toMatchObject({ commandsEnded: 1, survivors: [], confirmed: true });
      }
      const { reason } = await command.result();
      expect(reason).toBe({ cancel: "cancelled", timeout: "timeout", close: "closed", destroy: "closed" }[ending]);
      if (ending === "timeout") await eventually(async () => (await marked(mark)).length === 0);
      expect(await marked(mark)).toEqual([]);
    },
  );

  test("by the death of our own process", async () => {
    const mark = `mooring-mark-${randomUUID()}`;
    const owner = await started([workspace().root, "wait", survivorsScript(mark)]);
    expect((await marked(mark)).length).toBeGreaterThanOrEqual(5);
    owner.kill("SIGKILL");
    await eventually(async () => (await marked(mark)).length === 0);
  });

  test("by the death of the helper, which every call is told of", async () => {
    const mark = `mooring-mark-${randomUUID()}`;
    const before = new Set(await childrenOf(process.pid));
    const session = await workspace().open();
    const command = await session.commands.start({ script: survivorsScript(mark), graceMs: 50 });
    await command.read(undefined, { waitMs: 20_000 });
    const waiting = session.files.watch(".").then((watch) => watch[Symbol.asyncIterator]().next());
    const [helper = 0] = (await childrenOf(process.pid)).filter((pid) => !before.has(pid));
    process.kill(helper, "SIGKILL");
    expect(await command.result()).toMatchObject({ reason: "disconnected", exit: { kind: "unknown" } });
    await expect(waiting).rejects.toMatchObject({ code: "disconnected" });
    await expect(session.files.read("x")).rejects.toMatchObject({ code: "disconnected" });
    expect((await session.ended).reason).toBe("lost");
    await eventually(async () => (await marked(mark)).length === 0);
  });

  test("in our own process: it ends by itself after a close", async () => {
    const owner = await started([workspace().root, "close", "echo ready"]);
    const [code] = (await once(owner, "exit")) as [number];
    expect(code).toBe(0);
  });
});
