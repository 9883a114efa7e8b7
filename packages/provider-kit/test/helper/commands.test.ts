import { describe, expect, test } from "vitest";
import { clientFrame } from "../../src/helper/frame-types.js";
import { argumentsOf, type FakeHelper, type RequestScript } from "../support/fake-helper.js";
import { fakeProvider } from "../support/fake-provider.js";

const ended = { exit: "code", value: 0, reason: "exited", durationUs: 1500 };

const echoes: RequestScript = (helper, id, record) => {
  helper.event(id, { event: "started", pid: 7 });
  helper.data(id, 1, argumentsOf(record).join(" "));
  helper.data(id, 2, "warning");
  helper.end(id, 1);
  helper.end(id, 2);
  helper.result(id, ended);
};

const starts: RequestScript = (helper, id) => helper.event(id, { event: "started", pid: 7 });

describe.each(["bytes", "text"] as const)("commands over a channel of %s", (kind) => {
  test("start, write and end", async () => {
    await using session = await fakeProvider({ kind, requests: { "command.start": echoes } }).open();
    const result = await session.commands.run({ program: "echo", args: ["a", "b"] });
    expect(result).toMatchObject({ exit: { kind: "code", code: 0 }, reason: "exited", durationMs: 1.5 });
    expect(result.stdout.text()).toBe("echo a b");
    expect(result.stderr.text()).toBe("warning");
  });

  test("send their input within its credit, and the end of it after the rest", async () => {
    const fake = fakeProvider({ kind, requests: { "command.start": starts } });
    await using session = await fake.open();
    const command = await session.commands.start({ program: "cat", stdin: "pipe" });
    const [helper] = fake.helpers;
    const written = command.write(new Uint8Array(300_000));
    await command.closeStdin();
    const sent = () =>
      helper?.frames
        .filter(({ type }) => type === clientFrame.data)
        .reduce((sum, { payload }) => sum + payload.length - 1, 0);
    await helper?.received(({ type }) => type === clientFrame.data);
    expect(sent()).toBe(262_144);
    expect(helper?.frames.some(({ type }) => type === clientFrame.end)).toBe(false);
    const start = helper?.frames.find(({ type }) => type === clientFrame.data)?.id ?? 0;
    helper?.send(0x86, start, Buffer.of(0, 0, 1, 0, 0));
    await written;
    await helper?.received(({ type }) => type === clientFrame.end);
    expect(sent()).toBe(300_000);
    await expect(command.write("late")).rejects.toMatchObject({ code: "ended" });
  });
});

describe("a command", () => {
  test("that could not be executed rejects with the far side's reason", async () => {
    await using session = await fakeProvider({
      requests: {
        "command.start": (helper, id) =>
          helper.error(id, {
            errno: "ENOENT",
            message: "nonesuch: No such file",
            path: "nonesuch",
            stage: "before_start",
          }),
      },
    }).open();
    await expect(session.commands.run({ program: "nonesuch" })).rejects.toMatchObject({
      code: "not_found",
      phase: "before_start",
      operation: "commands.start",
      details: { errno: "ENOENT", path: "nonesuch" },
    });
  });

  test("whose helper is killed ends as disconnected, with the output so far and no exit code", async () => {
    const fake = fakeProvider({
      requests: {
        "command.start": (helper, id) => {
          helper.event(id, { event: "started", pid: 7 });
          helper.data(id, 1, "so far");
        },
      },
    });
    await using session = await fake.open();
    const command = await session.commands.start({ program: "sleep", args: ["9"] });
    await command.read(undefined, { waitMs: 10_000 });
    fake.helpers[0]?.exit({ code: null, signal: "SIGKILL" });
    const result = await command.result();
    expect(result.reason).toBe("disconnected");
    expect(result.exit.kind).toBe("unknown");
    expect(result.stdout.text()).toBe("so far");
    expect(await command.cancel()).toEqual({ cancelled: false, survivors: [], confirmed: false });
    expect((await session.ended).reason).toBe("lost");
  });

  test("whose start was under way when the helper died is in an unknown phase", async () => {
    const fake = fakeProvider({ requests: { "command.start": (helper) => helper.exit() } });
    await using session = await fake.open();
    await expect(session.commands.start({ program: "x" })).rejects.toMatchObject({
      code: "disconnected",
      phase: "unknown",
    });
    await expect(session.commands.start({ program: "x" })).rejects.toMatchObject({ code: "disconnected" });
    await expect(session.files.read("x")).rejects.toMatchObject({ code: "disconnected" });
  });

  test("that is aborted beforehand is never sent", async () => {
    const fake = fakeProvider({ requests: { "command.start": echoes } });
    await using session = await fake.open();
    const reason = new Error("enough");
    await expect(session.commands.run({ program: "x" }, { signal: AbortSignal.abort(reason) })).rejects.toMatchObject({
      code: "cancelled",
      cause: reason,
    });
    expect(fake.helpers[0]?.requests).toEqual(["session.open"]);
  });

  test("that is aborted while it runs is cancelled, and says so in its result", async () => {
    const fake = fakeProvider({
      requests: {
        "command.start": starts,
        "command.cancel": (helper, id) => {
          helper.result(id, { cancelled: 1, confirmed: 1, survivors: "" });
          helper.result(2, { ...ended, exit: "signal", value: "SIGTERM", reason: "cancelled" });
        },
      },
    });
    await using session = await fake.open();
    const controller = new AbortController();
    const command = await session.commands.start({ program: "x" }, { signal: controller.signal });
    controller.abort();
    expect(await command.result()).toMatchObject({ reason: "cancelled", exit: { kind: "signal", signal: "SIGTERM" } });
  });

  test("is found again by its id, and its id is not sent twice", async () => {
    const fake = fakeProvider({ requests: { "command.start": echoes } });
    await using session = await fake.open();
    const command = await session.commands.start({ program: "x", commandId: "mine" });
    expect(await session.commands.attach("mine")).toBe(command);
  });
});

describe("a helper that talks nonsense", () => {
  test.each([
    ["a frame that is too long", Buffer.from([0xff, 0xff, 0xff, 0xff, 0x81, 0, 0, 0, 0])],
    ["text", Buffer.from("Segmentation fault\n")],
    ["a type that is none", Buffer.from([0, 0, 0, 5, 0x55, 0, 0, 0, 0])],
  ])("in the form of %s ends the session, and every call settles", async (_what, garbage) => {
    const fake = fakeProvider({ requests: { "command.start": starts, "file.stat": () => undefined } });
    await using session = await fake.open();
    const command = await session.commands.start({ program: "x" });
    const pending = session.files.stat("x");
    fake.helpers[0]?.stdout.write(garbage);
    await expect(pending).rejects.toMatchObject({ code: "disconnected", phase: "unknown", cause: { code: "corrupt" } });
    expect(await command.result()).toMatchObject({ reason: "disconnected", exit: { kind: "unknown" } });
    expect(await session.ended).toMatchObject({ reason: "lost", error: { code: "corrupt" } });
    // The end of its input has a real helper clean up after itself; it is killed only when it does not.
    expect(fake.helpers[0]?.stdin.destroyed).toBe(true);
  });

  test("in a single answer ends the session too", async () => {
    const fake = fakeProvider({ requests: { "file.stat": (helper, id) => helper.send(0x81, id, Buffer.from("xx")) } });
    await using session = await fake.open();
    await expect(session.files.stat("x")).rejects.toMatchObject({ code: "disconnected" });
  });

  test("about how much output there was is no end of the command", async () => {
    const fake = fakeProvider({
      requests: {
        "command.start": (helper, id) => {
          starts(helper, id, new Map());
          helper.data(id, 1, "half of it");
          helper.result(id, { ...ended, stdoutBytes: 20, stderrBytes: 0 });
        },
      },
    });
    await using session = await fake.open();
    const result = await session.commands.run({ program: "x" });
    expect(result).toMatchObject({ exit: { kind: "unknown" }, reason: "disconnected" });
    expect(await session.ended).toMatchObject({ reason: "lost", error: { code: "corrupt" } });
  });

  test("in the fields of an answer fails that call alone", async () => {
    const fake = fakeProvider({
      requests: {
        "file.stat": (helper, id) => helper.result(id, { path: "/x", type: "file", size: "many" }),
        "command.start": echoes,
      },
    });
    await using session = await fake.open();
    await expect(session.files.stat("x")).rejects.toMatchObject({ code: "corrupt" });
    expect((await session.commands.run({ program: "still" })).stdout.text()).toBe("still");
  });

  test.each([
    ["a result", (helper: FakeHelper) => helper.result(99)],
    ["bytes", (helper: FakeHelper) => helper.data(99, 1, "x")],
  ])("in %s of requests that nobody made ends the session: somebody waits for what was meant", async (_what, send) => {
    const fake = fakeProvider({ requests: { "file.stat": () => undefined } });
    await using session = await fake.open();
    const pending = session.files.stat("x");
    const [helper] = fake.helpers;
    if (helper !== undefined) send(helper);
    await expect(pending).rejects.toMatchObject({ code: "disconnected", cause: { code: "corrupt" } });
  });
});
