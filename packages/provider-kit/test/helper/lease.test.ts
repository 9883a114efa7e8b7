import { PassThrough, Writable } from "node:stream";
import { RunnerError } from "@mooring/api";
import { describe, expect, test } from "vitest";
import { normalizeRequest } from "../../src/commands/normalize-request.js";
import { call } from "../../src/helper/call.js";
import { CommandStart } from "../../src/helper/command-start.js";
import { Connection } from "../../src/helper/connection.js";
import { clientFrame } from "../../src/helper/frame-types.js";
import { residentHelperCapabilities } from "../../src/helper/helper-capabilities.js";
import { startHelper } from "../../src/helper/start-helper.js";
import { FakeHelper } from "../support/fake-helper.js";

async function connected(helper: FakeHelper, leaseMs: number): Promise<Connection> {
  const { channel } = helper.transport;
  const started = await startHelper(channel, { leaseMs, openTimeoutMs: 5_000, signal: undefined });
  if ("absent" in started) throw started.absent;
  return started.connection;
}

const stat = { op: "file.stat", operation: "files.stat", resource: "file" } as const;

describe("a helper that is connected", () => {
  test("and falls silent is lost when the lease is over, and what waits for it settles", async () => {
    const helper = new FakeHelper({ answersPings: false, requests: { "file.stat": () => undefined } });
    const connection = await connected(helper, 30);
    await expect(call(connection, stat, () => undefined)).rejects.toMatchObject({
      code: "disconnected",
      phase: "unknown",
      message: expect.stringContaining("it has not answered for the whole lease") as string,
    });
    expect(helper.stdin.destroyed).toBe(true);
    await expect(call(connection, stat, () => undefined)).rejects.toMatchObject({ code: "disconnected" });
  });

  test("and sends bytes that are never a whole frame is lost when the lease is over", async () => {
    const helper = new FakeHelper({ requests: { "file.stat": () => undefined }, answersPings: false });
    const connection = await connected(helper, 60);
    const waiting = call(connection, stat, () => undefined);
    // A length that is too large swallows all that follows, answers to pings among it.
    helper.stdout.write(Buffer.from([0, 0x40, 0, 0, 0x81, 0, 0, 0, 1]));
    const drip = setInterval(() => helper.stdout.write(Buffer.alloc(9)), 5);
    await expect(waiting).rejects.toMatchObject({ code: "disconnected" });
    clearInterval(drip);
  });

  test("is lost in the middle of its end, too", async () => {
    const helper = new FakeHelper({ requests: { "session.end": () => undefined }, answersPings: false });
    const connection = await connected(helper, 60);
    connection.expectEnd(new RunnerError("ended", "over"));
    const end = call(connection, { ...stat, op: "session.end" }, () => undefined);
    await expect(end).rejects.toMatchObject({ code: "ended" });
  });

  test("and does not say that a command was cancelled is not waited for longer than the grace and a lease", async () => {
    const helper = new FakeHelper({
      requests: {
        "command.start": (fake, id) => fake.event(id, { event: "started", pid: 7 }),
        "command.cancel": () => undefined,
      },
    });
    const connection = await connected(helper, 40);
    const controller = new AbortController();
    const command = await normalizeRequest(
      { program: "forever", graceMs: 1 },
      { capabilities: residentHelperCapabilities, platform: { os: "linux" }, host: undefined },
    );
    const handle = await new CommandStart(connection, command, controller.signal).started;
    controller.abort();
    expect(await handle.result()).toMatchObject({ reason: "cancelled", exit: { kind: "unknown" } });
    connection.giveUp("the test is over");
  });

  test("and answers pings is kept, however long a call takes", async () => {
    const helper = new FakeHelper({ requests: { "file.stat": () => undefined } });
    const connection = await connected(helper, 15);
    const waiting = call(connection, stat, () => undefined);
    const pings = () => helper.frames.filter(({ type }) => type === clientFrame.ping).length;
    while (pings() < 8)
      await helper.received(({ type }) => type === clientFrame.ping).then(() => new Promise(setImmediate));
    helper.result(1, { path: "/x" });
    expect((await waiting).get("path")?.toString()).toBe("/x");
    connection.giveUp("the test is over");
  });

  test("gets the requests of one turn in one write", async () => {
    const writes: number[] = [];
    const stdin = new Writable({
      write: (_chunk, _encoding, done) => done(void writes.push(1)),
      writev: (chunks, done) => done(void writes.push(chunks.length)),
    });
    const connection = new Connection({
      process: {
        stdin,
        stdout: new PassThrough(),
        stderr: new PassThrough(),
        exited: new Promise(() => undefined),
        kill: () => undefined,
      },
      kind: "bytes",
      leaseMs: 30_000,
      complaint: () => "",
    });
    const calls = Array.from({ length: 50 }, () => call(connection, stat, () => undefined));
    await new Promise(setImmediate);
    expect(writes).toEqual([50]);
    connection.giveUp("the test is over");
    expect((await Promise.allSettled(calls)).every(({ status }) => status === "rejected")).toBe(true);
  });

  test("takes requests as they were given, whole, also past the size of one frame's buffer", async () => {
    const helper = new FakeHelper({
      requests: { "file.stat": (self, id, record) => self.result(id, { size: record.get("path")?.length ?? 0 }) },
    });
    const connection = await connected(helper, 30_000);
    const record = await call(connection, stat, (writer) => writer.field("path", Buffer.alloc(3_000_000, 0x61)));
    expect(record.get("size")?.toString()).toBe("3000000");
    await expect(
      call(connection, stat, (writer) => writer.field("path", Buffer.alloc(5_000_000))),
    ).rejects.toMatchObject({
      code: "invalid_request",
    });
    connection.giveUp("the test is over");
  });
});
