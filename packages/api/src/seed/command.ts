import type { JsonObject } from "../json.js";
import type { RunnerCommandRequest } from "../runner-command-request.js";
import type { RunnerCommandResult } from "../runner-command-result.js";
import { readText, SeedReader } from "./seed-reader.js";
import { wrongField } from "./wrong-field.js";

/** A command as the seed asks for it. */
export interface SeedCommandRequest {
  readonly commandId: string;
  readonly program: string;
  /** @default [] */
  readonly args: readonly string[];
  /** @default null */
  readonly cwd: string | null;
  /** Order and duplicates are kept. @default [] */
  readonly env: readonly (readonly [name: string, value: string])[];
  readonly timeoutMs?: number;
}

/** A command's end as the seed tells it: output as text, and no word of why there is no exit code. */
export interface SeedCommandResult {
  readonly commandId: string;
  /** `null` when the command was killed by a signal, or when it is not known how it ended. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const maxInt32 = 2_147_483_647;

export function decodeCommandRequest(value: unknown): SeedCommandRequest {
  const reader = new SeedReader(value, "command request");
  const timeoutMs = reader.nullableInteger("timeout_ms", 0, Number.MAX_SAFE_INTEGER);
  return {
    commandId: reader.string("command_id"),
    program: reader.string("program"),
    args: reader.list("args", readText),
    cwd: reader.nullableString("cwd"),
    env: reader.list("env", readPair),
    ...(timeoutMs === null ? {} : { timeoutMs }),
  };
}

/** Without a time limit there is no such key. */
export function encodeCommandRequest(request: SeedCommandRequest): JsonObject {
  return {
    command_id: request.commandId,
    program: request.program,
    args: [...request.args],
    cwd: request.cwd,
    env: request.env.map(([name, value]) => [name, value]),
    ...(request.timeoutMs === undefined ? {} : { timeout_ms: request.timeoutMs }),
  };
}

/** The seed's request as `session.commands` takes it. */
export function toRunnerCommandRequest(request: SeedCommandRequest): RunnerCommandRequest {
  const { cwd, ...rest } = request;
  return cwd === null ? rest : { ...rest, cwd };
}

export function decodeCommandResult(value: unknown): SeedCommandResult {
  const reader = new SeedReader(value, "command result");
  return {
    commandId: reader.string("command_id"),
    exitCode: reader.nullableInteger("exit_code", -maxInt32 - 1, maxInt32),
    stdout: readOutput(reader, "stdout"),
    stderr: readOutput(reader, "stderr"),
  };
}

export function encodeCommandResult(result: SeedCommandResult): JsonObject {
  return {
    command_id: result.commandId,
    exit_code: result.exitCode,
    stdout: result.stdout,
    stderr: result.stderr,
  };
}

/** A result as the seed tells it. Lost are the signal, the reason, and bytes that are no UTF-8. */
export function toSeedCommandResult(result: RunnerCommandResult): SeedCommandResult {
  return {
    commandId: result.commandId,
    exitCode: result.exit.kind === "code" ? result.exit.code : null,
    stdout: result.stdout.text(),
    stderr: result.stderr.text(),
  };
}

function readPair(value: unknown, what: string, path: string): readonly [string, string] {
  if (!Array.isArray(value) || value.length !== 2) {
    throw wrongField(what, path, "a pair of a name and a value", value);
  }
  const name = readText(value[0], what, `${path}.0`);
  if (name === "" || name.includes("=")) {
    throw wrongField(what, `${path}.0`, "a variable's name: not empty, without =", name);
  }
  return [name, readText(value[1], what, `${path}.1`)];
}

/** Output is whatever was written, NUL included. */
function readOutput(reader: SeedReader, name: string): string {
  return reader.nested(name, (value, what, path) => {
    if (typeof value !== "string") throw wrongField(what, path, "a string", value);
    return value;
  });
}
