import type { RunnerOutputChunk, RunnerOutputStream } from "@mooring/api";
import { describe, expect, test, vi } from "vitest";
import type { CommandBackEnd } from "../../src/commands/command-back-end.js";
import { CommandHandle, type CommandHandleOptions } from "../../src/commands/command-handle.js";

function handleOf(options: Partial<CommandHandleOptions> = {}) {
  const granted: Record<RunnerOutputStream, number> = { stdout: 0, stderr: 0 };
  const backEnd = {
    write: vi.fn(async () => undefined),
    closeStdin: vi.fn(async () => undefined),
    signal: vi.fn(async () => undefined),
    resize: vi.fn(async () => undefined),
    cancel: vi.fn(async () => ({ cancelled: true, survivors: [], confirmed: true })),
    grantCredit: (stream, bytes) => {
      granted[stream] += bytes;
    },
  } satisfies CommandBackEnd;
  const handle = new CommandHandle({
    commandId: "c1",
    pid: 42,
    output: "retain",
    maxOutputBytes: 1_000,
    writable: true,
    terminal: false,
    durable: false,
    graceMs: 2_000,
    startedAtMs: 1,
    backEnd,
    ...options,
  });
  return { handle, backEnd, granted };
}

const exited = { exit: { kind: "code", code: 0 }, reason: "exited", durationMs: 5 } as const;
const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const textOf = (chunks: readonly Pick<RunnerOutputChunk, "bytes">[]) =>
  Buffer.concat(chunks.map((chunk) => chunk.bytes)).toString();

async function readAll(stream: ReadableStream<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe("a command whose output is retained", () => {
  test("is drained without a reader", () => {
    const { handle, granted } = handleOf({ maxOutputBytes: 10 });
    for (let count = 0; count < 50; count++) handle.receive("stdout", bytes("0123456789"));
    expect(granted.stdout).toBe(500);
  });

  test("gives the same result to everyone who asks, before and after its end", async () => {
    const { handle } = handleOf();
    const early = handle.result();
    handle.receive("stdout", bytes("out"));
    handle.receive("stderr", bytes("err"));
    handle.settle(exited);
    const result = await early;
    expect(await handle.result()).toBe(result);
    expect(result.stdout.text()).toBe("out");
    expect(result.stderr.text()).toBe("err");
    expect(result).toMatchObject({ commandId: "c1", exit: { kind: "code", code: 0 }, reason: "exited" });
  });

  test("keeps its first ending", async () => {
    const { handle } = handleOf();
    handle.settle(exited);
    handle.settle({ exit: { kind: "unknown", detail: "lost" }, reason: "disconnected", durationMs: 9 });
    expect((await handle.result()).reason).toBe("exited");
  });

  test("can be viewed many times: each view replays what is kept, then follows", async () => {
    const { handle } = handleOf();
    handle.receive("stdout", bytes("early "));
    const first = readAll(handle.stdout);
    handle.receive("stdout", bytes("late"));
    handle.settle(exited);
    expect(await first).toBe("early late");
    expect(await readAll(handle.stdout)).toBe("early late");
  });

  test("reports a gap by the offset of what comes after it", async () => {
    const { handle } = handleOf({ maxOutputBytes: 4 });
    handle.receive("stdout", bytes("abcdefghij"));
    handle.settle(exited);
    const chunks: RunnerOutputChunk[] = [];
    for await (const chunk of handle.output) chunks.push(chunk);
    expect(chunks).toEqual([
      { stream: "stdout", offset: 0, bytes: bytes("ab") },
      { stream: "stdout", offset: 8, bytes: bytes("ij") },
    ]);
  });

  test("is read page by page, with what was dropped", async () => {
    const { handle } = handleOf({ maxOutputBytes: 4 });
    handle.receive("stdout", bytes("abcdefghij"));
    handle.receive("stderr", bytes("E"));
    const page = await handle.read();
    expect(page.dropped).toEqual([{ stream: "stdout", offset: 2, end: 8 }]);
    expect(textOf(page.chunks)).toBe("abijE");
    expect(page.cursor).toEqual({ stdout: 10, stderr: 1 });
    expect(page.ended).toBe(false);
    handle.settle(exited);
    expect(await handle.read(page.cursor)).toMatchObject({ chunks: [], dropped: [], ended: true });
  });

  test("serves both streams in a small page", async () => {
    const { handle } = handleOf();
    handle.receive("stdout", bytes("o".repeat(100)));
    handle.receive("stderr", bytes("e".repeat(100)));
    const page = await handle.read(undefined, { maxBytes: 10 });
    expect(page.cursor).toEqual({ stdout: 5, stderr: 5 });
  });

  test("wakes a waiting read at the first byte", async () => {
    const { handle } = handleOf();
    const waiting = handle.read(undefined, { waitMs: 20_000 });
    handle.receive("stderr", bytes("now"));
    expect(textOf((await waiting).chunks)).toBe("now");
  });

  test("wakes a waiting read at the end", async () => {
    const { handle } = handleOf();
    const waiting = handle.read(undefined, { waitMs: 20_000 });
    handle.settle(exited);
    expect(await waiting).toMatchObject({ chunks: [], ended: true });
  });
});

describe("a command whose output is streamed", () => {
  test("opens room on the far side only as it is read", async () => {
    const { handle, granted } = handleOf({ output: "stream" });
    const reader = handle.stdout.getReader();
    handle.receive("stdout", bytes("12345"));
    handle.receive("stdout", bytes("678"));
    expect(granted.stdout).toBe(0);
    await reader.read();
    expect(granted.stdout).toBe(5);
    await reader.read();
    expect(granted.stdout).toBe(8);
  });

  test("can be viewed once", () => {
    const { handle } = handleOf({ output: "stream" });
    expect(handle.stdout).toBeInstanceOf(ReadableStream);
    expect(() => handle.stdout).toThrowError(
      'Expected one view of each stream of a command with `output` "stream", got a second view of stdout',
    );
    expect(() => handle.output).toThrowError(/second view of stdout/);
    expect(handle.stderr).toBeInstanceOf(ReadableStream);
  });

  test("drains in result() what nobody took, and only that", async () => {
    const { handle, granted } = handleOf({ output: "stream" });
    const reader = handle.stdout.getReader();
    handle.receive("stdout", bytes("kept"));
    handle.receive("stderr", bytes("dropped"));
    const result = handle.result();
    handle.receive("stderr", bytes("more"));
    expect(granted).toEqual({ stdout: 0, stderr: 11 });
    handle.settle(exited);
    expect((await result).stderr).toMatchObject({ totalBytes: 11, droppedBytes: 11 });
    expect(textOf([{ bytes: (await reader.read()).value ?? bytes("") }])).toBe("kept");
  });

  test("is let go by a reader that cancels", async () => {
    const { handle, granted } = handleOf({ output: "stream" });
    const { stdout } = handle;
    await stdout.cancel();
    handle.receive("stdout", bytes("unwanted"));
    expect(granted.stdout).toBe(8);
  });

  test("cannot be read by cursor", async () => {
    const { handle } = handleOf({ output: "stream" });
    await expect(handle.read()).rejects.toMatchObject({ code: "invalid_request" });
  });
});

describe("a command's input and life", () => {
  test("takes writes until its input or itself has ended", async () => {
    const { handle, backEnd } = handleOf();
    await handle.write("hi");
    expect(backEnd.write).toHaveBeenCalledWith(Buffer.from("hi"));
    await handle.closeStdin();
    await handle.closeStdin();
    expect(backEnd.closeStdin).toHaveBeenCalledTimes(1);
    await expect(handle.write("late")).rejects.toMatchObject({ code: "ended" });
    handle.settle(exited);
    await expect(handle.signal("SIGINT")).rejects.toMatchObject({ code: "ended" });
  });

  test("refuses writes without a pipe and sizes without a terminal", async () => {
    const { handle } = handleOf({ writable: false });
    await expect(handle.write("x")).rejects.toMatchObject({ code: "invalid_request" });
    await expect(handle.resize({ columns: 80, rows: 24 })).rejects.toMatchObject({ code: "invalid_request" });
    await expect(handleOf({ terminal: true }).handle.resize({ columns: 0, rows: 24 })).rejects.toThrowError(
      "Expected `size.columns` to be a whole number from 1 to 65535, got 0 (number)",
    );
  });

  test("refuses a signal that is none", async () => {
    const { handle } = handleOf();
    await expect(handle.signal("KILL" as "SIGKILL")).rejects.toThrowError(
      /Expected `name` to be one of SIGHUP, .*, got `KILL` \(string\)/,
    );
  });

  test("is cancelled by its signal, and no longer once it has ended", () => {
    const controller = new AbortController();
    const { backEnd } = handleOf({ signal: controller.signal, graceMs: 7 });
    controller.abort();
    expect(backEnd.cancel).toHaveBeenCalledWith(7);
    const late = new AbortController();
    const ended = handleOf({ signal: late.signal });
    ended.handle.settle(exited);
    late.abort();
    expect(ended.backEnd.cancel).not.toHaveBeenCalled();
  });

  test("is cancelled by disposal, unless it is durable", async () => {
    const plain = handleOf();
    await plain.handle[Symbol.asyncDispose]();
    expect(plain.backEnd.cancel).toHaveBeenCalledTimes(1);
    const durable = handleOf({ durable: true });
    await durable.handle[Symbol.asyncDispose]();
    expect(durable.backEnd.cancel).not.toHaveBeenCalled();
  });
});
