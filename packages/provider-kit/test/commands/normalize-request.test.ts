import type { RunnerCapabilities, RunnerCommandRequest } from "@mooring/api";
import { describe, expect, test } from "vitest";
import { type NormalizeContext, normalizeRequest } from "../../src/commands/normalize-request.js";
import { residentHelperCapabilities } from "../../src/helper/helper-capabilities.js";

const context: NormalizeContext = {
  capabilities: { ...residentHelperCapabilities, commands: { ...residentHelperCapabilities.commands, user: "any" } },
  platform: { os: "linux" },
  host: undefined,
};

function without(commands: Partial<RunnerCapabilities["commands"]>): NormalizeContext {
  return {
    ...context,
    capabilities: { ...context.capabilities, commands: { ...context.capabilities.commands, ...commands } },
  };
}

async function normalized(request: unknown, given: NormalizeContext = context) {
  return normalizeRequest(request as RunnerCommandRequest, given);
}

const texts = (list: readonly Uint8Array[]) => list.map((item) => Buffer.from(item).toString());

describe("a request", () => {
  test("gets its defaults", async () => {
    const command = await normalized({ program: "true" });
    expect(command).toMatchObject({
      title: "true",
      cwd: undefined,
      env: [],
      stdin: { kind: "none" },
      stderr: "separate",
      output: "retain",
      maxOutputBytes: 1_048_576,
      timeoutMs: undefined,
      graceMs: 2_000,
      durable: false,
    });
    expect(command.commandId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("keeps every byte of its arguments", async () => {
    const odd = Uint8Array.from({ length: 255 }, (_, index) => index + 1);
    const { argv } = await normalized({ program: "printf", args: ["-n", "--", "a\nb", odd] });
    expect(argv.slice(1, 4).map(String)).toEqual(["-n", "--", "a\nb"].map((text) => String(Buffer.from(text))));
    expect(argv[4]).toEqual(odd);
  });

  test("for a script becomes a shell with -c", async () => {
    expect(texts((await normalized({ script: "echo $0" })).argv)).toEqual(["/bin/sh", "-c", "echo $0"]);
    expect(texts((await normalized({ script: "x", shell: "/bin/bash" })).argv)[0]).toBe("/bin/bash");
  });

  test("keeps the order and the duplicates of its variables", async () => {
    const { env } = await normalized({
      program: "env",
      env: [
        ["A", "1"],
        ["B", "2"],
        ["A", "3"],
      ],
    });
    expect(texts(env)).toEqual(["A=1", "B=2", "A=3"]);
  });

  test("waits only where a secret has to be resolved", async () => {
    expect(normalizeRequest({ program: "x", env: { A: "1" } }, context)).not.toBeInstanceOf(Promise);
    const host = { resolveSecret: async ({ id }: { id: string }) => `value of ${id}` };
    const pending = normalizeRequest({ program: "x", env: { A: "1", TOKEN: { id: "t" } } }, { ...context, host });
    expect(pending).toBeInstanceOf(Promise);
    expect(texts((await pending).env)).toEqual(["A=1", "TOKEN=value of t"]);
  });

  test("with a secret needs a host that can resolve it", async () => {
    await expect(normalized({ program: "x", env: { TOKEN: { id: "t" } } })).rejects.toMatchObject({
      code: "invalid_request",
      message: 'Expected `host.resolveSecret` to be there for the secret "t" of `env.TOKEN`, got nothing',
    });
  });

  test("never shows a value of its environment in an error", async () => {
    const error = await normalized({ program: "x", env: { TOKEN: "s3cr3t\0" } }).catch((reason: unknown) => reason);
    expect(String(error)).not.toContain("s3cr3t");
    const wrong = await normalized({ program: "x", env: { TOKEN: ["s3cr3t"] } }).catch((reason: unknown) => reason);
    expect(String(wrong)).toContain("`env.TOKEN` to be a string or a reference { id }");
    expect(String(wrong)).not.toContain("s3cr3t");
  });

  test.each<readonly [string, unknown]>(
    (
      [
        [{}, "Expected `program` or `script`, got neither"],
        [{ program: "a", script: "b" }, "Expected `program` or `script`, got both"],
        [{ program: "" }, "Expected `program` to be a path that is not empty, got `` (string)"],
        [{ program: "a", args: "b" }, "Expected `args` to be an array of strings or Uint8Arrays, got `b` (string)"],
        [{ program: "a", args: [1] }, "Expected `args[0]` to be a string or a Uint8Array, got 1 (number)"],
        [{ program: "a\0b" }, "Expected `program` to be without NUL bytes, got one with a NUL byte"],
        [
          { program: "a", args: [Uint8Array.of(1, 0)] },
          "Expected `args[0]` to be without NUL bytes, got one with a NUL byte",
        ],
        [{ program: "a", timeoutMs: "x" }, "Expected `timeoutMs` to be a positive integer, got `x` (string)"],
        [{ program: "a", timeoutMs: 0 }, "Expected `timeoutMs` to be a positive integer, got 0 (number)"],
        [{ program: "a", graceMs: -1 }, "Expected `graceMs` to be a non-negative integer, got -1 (number)"],
        [{ program: "a", stderr: "both" }, 'Expected `stderr` to be "separate" or "merge", got `both` (string)'],
        [
          { program: "a", commandId: ".x" },
          "Expected `commandId` to be 1 to 128 of A-Z a-z 0-9 . _ -, not starting with a dot, got `.x` (string)",
        ],
        [
          { program: "a", stdin: "text" },
          'Expected `stdin` to be "none", "pipe", { text }, a Uint8Array or a ReadableStream, got `text` (string)',
        ],
        [
          { program: "a", pty: { columns: 80, rows: 0 } },
          "Expected `pty.rows` to be a whole number from 1 to 65535, got 0 (number)",
        ],
        [
          { program: "a", env: { "A=B": "x" } },
          "Expected `env` to be made of names that are not empty and have no = and no NUL byte, got `A=B` (string)",
        ],
        [
          { program: "a", durable: true, stdin: "pipe" },
          'Expected `stdin` to be "none", { text } or a Uint8Array for a durable command, got `pipe` (string)',
        ],
        [
          { program: "a", args: ["x".repeat(131_072)] },
          "Expected `args[0]` to be at most 131071 bytes (the kernel's limit for one string), got 131072 bytes",
        ],
        [
          { program: "a", args: Array.from({ length: 20 }, () => "x".repeat(110_000)) },
          "Expected arguments and variables of at most 2097152 bytes in all (the kernel's limit), got 2200190 bytes",
        ],
      ] as const
    ).map(([request, message]) => [message, request] as const),
  )("is refused: %s", async (message, request) => {
    await expect(normalized(request)).rejects.toMatchObject({
      code: "invalid_request",
      phase: "before_start",
      message,
    });
  });

  test.each<[Partial<RunnerCapabilities["commands"]>, unknown]>([
    [{ pty: "none" }, { program: "a", pty: { columns: 1, rows: 1 } }],
    [{ user: "none" }, { program: "a", user: "nobody" }],
    [{ durable: "none" }, { program: "a", durable: true }],
    [{ stdin: "none" }, { program: "a", stdin: "pipe" }],
    [{ output: "none" }, { program: "a" }],
  ])("a session with %j refuses what it lacks", async (commands, request) => {
    await expect(normalized(request, without(commands))).rejects.toMatchObject({ code: "unsupported" });
    await expect(normalized(request, context)).resolves.toBeDefined();
  });
});
