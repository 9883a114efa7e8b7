import { describe, expect, test } from "vitest";
import { orchestratorDefaults, type ThreadHandle } from "../src/index.js";
import { commandTimeout } from "../src/tools/command-timeout.js";
import { boundThread } from "./support/bound-thread.js";
import { textOf } from "./support/text-of.js";
import { gate, memoryPlace, programs } from "./support/memory-place.js";

async function idOf(thread: ThreadHandle, args: object): Promise<string> {
  return textOf(await thread.call("exec_command", { yieldMs: 0, ...args }), "commandId");
}

describe("exec_command", () => {
  test("tells exit code, both streams and time", async () => {
    const { thread } = await boundThread(memoryPlace());
    const result = await thread.call("exec_command", { program: "fail" });
    expect(result).toMatchObject({
      ok: true,
      truncated: null,
      data: {
        state: "ended",
        exit: { kind: "code", code: 3 },
        exitCode: 3,
        reason: "exited",
        stdout: { text: "", totalBytes: 0, leftOut: null },
        stderr: { text: "no\n", totalBytes: 3, leftOut: null },
      },
    });
    expect(result.content).toMatch(
      /^Command cmd-[0-9a-f-]+ exited with code 3 after \d+ ms\.\n--- stderr \(3 bytes\)\nno\n$/,
    );
  });

  test("does not take a signal for an exit code", async () => {
    const { thread } = await boundThread(memoryPlace());
    const { data, content } = await thread.call("exec_command", { program: "killed" });
    expect(data).toMatchObject({ exit: { kind: "signal", signal: "SIGKILL" }, exitCode: null });
    expect(content).toContain("was ended by SIGKILL");
  });

  test("hands a shell line to a shell, and a program's arguments on as they are", async () => {
    const seen: (readonly string[])[] = [];
    const place = memoryPlace({
      commands: {
        "/bin/sh": ({ args }) => (seen.push(args), {}),
        tool: ({ args }) => (seen.push(args), {}),
      },
    });
    const { thread } = await boundThread(place);
    await thread.call("exec_command", { command: "echo $HOME | wc" });
    await thread.call("exec_command", { program: "tool", args: ["-rf", "$HOME", "", "a\nb"] });
    expect(seen).toEqual([
      ["-c", "echo $HOME | wc"],
      ["-rf", "$HOME", "", "a\nb"],
    ]);
  });

  test.each<[object, string, string]>([
    [{}, "invalid_request", "Expected either `command`, or `program` with or without `args`, got none of them"],
    [{ command: "a", program: "b" }, "invalid_request", "got command and program"],
    [{ args: ["a"] }, "invalid_request", "got args"],
    [{ program: "" }, "invalid_request", "Wrong `program` of the arguments of exec_command"],
    [{ program: "a\0" }, "invalid_request", "Wrong `program` of the arguments of exec_command"],
    [{ program: "a", args: "b" }, "invalid_request", "Wrong `args` of the arguments of exec_command"],
    [{ program: "a", args: ["b", 5] }, "invalid_request", "Wrong `args.1` of the arguments of exec_command"],
    [{ program: "a", timeoutMs: 700_000 }, "invalid_request", "Wrong `timeoutMs` of the arguments of exec_command"],
    [{ program: "a", timeoutMs: 0 }, "invalid_request", "Wrong `timeoutMs` of the arguments of exec_command"],
    [{ program: "a", env: { "A=B": "" } }, "invalid_request", "Wrong `env.A=B` of the arguments of exec_command"],
    [{ program: "a", input: "x", tty: true }, "invalid_request", "Expected `input` without"],
    [{ program: "a", timeout: 5 }, "invalid_request", 'Unrecognized key: "timeout"'],
    [{ program: "echo", cwd: "/usr/share" }, "path_escape", "Expected `cwd` to lie in the workspace"],
    [{ program: "echo", cwd: ".." }, "path_escape", "Expected `cwd` to lie in the workspace"],
  ])("refuses %j, says why, and opens nothing", async (args, code, message) => {
    const place = memoryPlace();
    const { thread } = await boundThread(place);
    const result = await thread.call("exec_command", args);
    expect({ ok: result.ok, code: result.error?.code }).toEqual({ ok: false, code });
    expect(result.content).toContain(message);
    expect(place.created).toEqual([]);
  });

  test.each([[undefined], [null], ["ls"], [[]], [5]])("refuses %j instead of arguments", async (args) => {
    const { thread } = await boundThread(memoryPlace());
    expect(await thread.call("exec_command", args)).toMatchObject({ ok: false, error: { code: "invalid_request" } });
  });

  test("refuses a terminal where there is none", async () => {
    const { thread } = await boundThread(memoryPlace());
    expect(await thread.call("exec_command", { program: "echo", tty: true })).toMatchObject({
      ok: false,
      error: { code: "unsupported", operation: "commands.start" },
    });
  });

  test("tells of a program that is not there", async () => {
    const { thread } = await boundThread(memoryPlace());
    expect(await thread.call("exec_command", { program: "nope" })).toMatchObject({ error: { code: "not_found" } });
  });

  test("gives a command what it reads", async () => {
    const { thread } = await boundThread(memoryPlace());
    const { data } = await thread.call("exec_command", { program: "shout", input: "hey\n" });
    expect(data).toMatchObject({ stdout: { text: "HEY\nbye\n" }, exitCode: 0 });
  });

  test("ends a command at its time limit and says so", async () => {
    const { thread } = await boundThread(memoryPlace());
    const { data, content } = await thread.call("exec_command", { program: "serve", timeoutMs: 20 });
    expect(data).toMatchObject({ state: "ended", reason: "timeout", stdout: { text: "ready\n" } });
    expect(content).toContain("at its time limit");
  });

  test("bounds what it gives, and counts what it leaves out of each stream", async () => {
    const { thread } = await boundThread(memoryPlace());
    const result = await thread.call("exec_command", { program: "talk", args: ["20000", "30000"] });
    expect(Buffer.byteLength(result.content)).toBeLessThanOrEqual(orchestratorDefaults.toolResultBytes);
    const { stdout, stderr } = result.data as Record<
      "stdout" | "stderr",
      { leftOut: { bytes: number; lines: number } }
    >;
    expect(stdout).toMatchObject({ totalBytes: 180_000 });
    expect(stderr).toMatchObject({ totalBytes: 270_000 });
    expect(result.truncated).toEqual({
      bytes: stdout.leftOut.bytes + stderr.leftOut.bytes,
      lines: stdout.leftOut.lines + stderr.leftOut.lines,
    });
    expect(result.content).toContain(
      `[... ${stdout.leftOut.bytes} bytes in ${stdout.leftOut.lines} lines left out ...]`,
    );
  });

  test("gives a quiet stream's room to the other", async () => {
    const { thread } = await boundThread(memoryPlace());
    const { truncated, data } = await thread.call("exec_command", { program: "talk", args: ["7000", "1"] });
    expect(data).toMatchObject({ stdout: { totalBytes: 63_000, leftOut: null }, stderr: { text: "err line\n" } });
    expect(truncated).toBeNull();
  });
});

describe("A command that is left running", () => {
  test("gives its id and its output so far, and lets go of the workspace", async () => {
    const { thread } = await boundThread(memoryPlace());
    const started = await thread.call("exec_command", { program: "serve", yieldMs: 100 });
    expect(started).toMatchObject({ ok: true, data: { state: "running", stdout: { text: "ready\n" } } });
    expect(started.data).not.toHaveProperty("exitCode");
    expect(started.content).toMatch(/is still running after \d+ ms\.\nUse write_stdin/);
    expect(await thread.call("write_file", { path: "a", content: "" })).toMatchObject({ ok: true });
  });

  test("is not ended by the signal of the call that started it", async () => {
    const { thread } = await boundThread(memoryPlace());
    const controller = new AbortController();
    const { data } = await thread.call("exec_command", { program: "serve", yieldMs: 0 }, { signal: controller.signal });
    controller.abort();
    const commandId = data?.["commandId"];
    const polled = await thread.call("write_stdin", { commandId, yieldMs: 20 });
    expect(polled.data).toMatchObject({ state: "running" });
  });

  test("answers to write_stdin with what is new, and ends with its input", async () => {
    const { thread } = await boundThread(memoryPlace());
    const commandId = await idOf(thread, { program: "shout", stdin: "pipe" });
    const first = await thread.call("write_stdin", { commandId, text: "one\n", yieldMs: 10_000 });
    expect(first.data).toMatchObject({ state: "running", stdout: { text: "ONE\n" } });
    const second = await thread.call("write_stdin", { commandId, text: "two\n", close: true, yieldMs: 10_000 });
    expect(second.data).toMatchObject({ state: "ended", exitCode: 0, stdout: { text: "TWO\nbye\n", totalBytes: 8 } });
  });

  test("ends by kill_command, which tells how", async () => {
    const { thread } = await boundThread(memoryPlace());
    const commandId = await idOf(thread, { program: "serve", background: true });
    const killed = await thread.call("kill_command", { commandId });
    expect(killed).toMatchObject({
      ok: true,
      data: { state: "ended", reason: "cancelled", cancelled: true, survivors: [], confirmed: true },
    });
    expect(killed.content).toContain("when it was cancelled");
  });

  test("takes a signal by its name, and only such", async () => {
    const { thread } = await boundThread(memoryPlace());
    const commandId = await idOf(thread, { program: "serve" });
    expect(await thread.call("kill_command", { commandId, signal: "INT" })).toMatchObject({
      error: { code: "invalid_request" },
    });
    expect((await thread.call("kill_command", { commandId, signal: "SIGINT" })).data).toMatchObject({ state: "ended" });
  });

  test("that nobody knows is not found", async () => {
    const { thread } = await boundThread(memoryPlace());
    for (const tool of ["write_stdin", "kill_command"]) {
      expect(await thread.call(tool, { commandId: "../x" })).toMatchObject({ ok: false, error: { code: "not_found" } });
    }
  });

  test("has no time limit when it was started for the background, and its own otherwise", async () => {
    const limits: (number | undefined)[] = [];
    const place = memoryPlace();
    const { thread } = await boundThread(place);
    await thread.call("list_files", {});
    const session = place.sessions[0];
    if (session === undefined) throw new Error("no session");
    const start = session.commands.start.bind(session.commands);
    session.commands.start = (request, options) => {
      limits.push(request.timeoutMs);
      return start(request, options);
    };
    const echo = { program: "echo" };
    await thread.call("exec_command", { ...echo, background: true });
    await thread.call("exec_command", { ...echo, background: true, timeoutMs: 5_000 });
    await thread.call("exec_command", echo);
    await thread.call("exec_command", echo, { deadlineAtMs: Date.now() + 31_900 });
    expect(limits).toEqual([undefined, 5_000, 120_000, 1_000]);
  });
});

describe("A call that is dropped", () => {
  test("has its command cancelled within a second", async () => {
    const started = gate();
    const cancelled = gate();
    const place = memoryPlace({
      commands: {
        sleep: async ({ signal }) => {
          started.open();
          await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
          cancelled.open();
          return {};
        },
      },
    });
    const { thread } = await boundThread(place);
    const controller = new AbortController();
    const call = thread.call("exec_command", { program: "sleep" }, { signal: controller.signal });
    await started.passed;
    const droppedAt = performance.now();
    controller.abort();
    await cancelled.passed;
    expect(performance.now() - droppedAt).toBeLessThan(1_000);
    expect(await call).toMatchObject({ ok: false, error: { code: "cancelled" } });
    expect(await thread.call("list_files", {})).toMatchObject({ ok: true });
  });

  test("while it waits for its turn does nothing at all", async () => {
    const held = gate();
    const begun = gate();
    const place = memoryPlace({
      commands: { ...programs, hold: async () => (begun.open(), await held.passed, {}) },
    });
    const { thread } = await boundThread(place);
    const holding = thread.call("exec_command", { program: "hold" });
    await begun.passed;
    const controller = new AbortController();
    const waiting = thread.call("write_file", { path: "a", content: "x" }, { signal: controller.signal });
    for await (const { type, data } of thread.events.tail()) {
      if (type === "tool.started" && data.tool === "write_file") break;
    }
    controller.abort();
    expect(await waiting).toMatchObject({ ok: false, error: { code: "cancelled", phase: "before_start" } });
    held.open();
    await holding;
    expect((await thread.call("list_files", {})).data).toMatchObject({ items: [] });
  });

  test("before it began starts nothing", async () => {
    const place = memoryPlace();
    const { thread } = await boundThread(place);
    const result = await thread.call("exec_command", { program: "echo" }, { signal: AbortSignal.abort("why") });
    expect(result).toMatchObject({ ok: false, error: { code: "cancelled", cause: "why" } });
    expect(place.created).toEqual([]);
  });
});

test("A command holds the workspace until it ends, also against another thread on it", async () => {
  const held = gate();
  const begun = gate();
  let sawFile: unknown;
  const place = memoryPlace({
    commands: {
      hold: async ({ files }) => {
        begun.open();
        await held.passed;
        sawFile = await files.stat("a").catch(() => undefined);
        return {};
      },
    },
  });
  const { thread, orchestrator } = await boundThread(place);
  await orchestrator.bind("t2", { destination: { providerId: "memory" } });
  const other = orchestrator.thread("t2");
  const holding = thread.call("exec_command", { program: "hold" });
  await begun.passed;
  const writing = other.call("write_file", { path: "a", content: "x" });
  for await (const { type } of other.events.tail()) if (type === "session.created") break;
  // Time enough for a write that does not wait.
  await new Promise((resolve) => setImmediate(resolve));
  held.open();
  await holding;
  expect(sawFile).toBeUndefined();
  expect(await writing).toMatchObject({ ok: true });
});

describe("The time that a deadline leaves a command", () => {
  test.each([
    [120_000, undefined, 120_000],
    [120_000, 34_000 - 2_100, 1_000],
    [120_000, 33_000, 3_000],
    [120_000, 30_500, 1_000],
    [120_000, -5_000, 1_000],
    [120_000, 600_000, 120_000],
    [500, 40_000, 500],
  ])("of %j ms asked for with %j ms left is %j ms", (requested, left, given) => {
    const deadline = left === undefined ? undefined : 1_000_000 + left;
    expect(commandTimeout(requested, deadline, orchestratorDefaults, 1_000_000)).toBe(given);
  });
});
