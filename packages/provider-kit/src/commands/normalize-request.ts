import { randomUUID } from "node:crypto";
import type { RunnerCapabilities, RunnerCommandRequest, RunnerHost, RunnerTerminalSize, Text } from "@mooring/api";
import { expected, invalidRequest, unsupported } from "../errors/expected.js";
import { pathBytes, textBytes } from "../text/text-bytes.js";
import { checkArgumentSizes } from "./argument-limits.js";
import { normalizeEnvironment } from "./command-environment.js";
import { requireOneOf, requireTerminalSize, requireWholeNumber } from "./requirements.js";

const commandIdPattern = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/;
const defaultMaxOutputBytes = 1_048_576;
const defaultGraceMs = 2_000;

/** Where a command's standard input comes from. */
export type NormalizedStdin =
  | { readonly kind: "none" }
  | { readonly kind: "pipe" }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "stream"; readonly stream: ReadableStream<Uint8Array> };

/** A request that was checked, with every default in place and secrets resolved. */
export interface NormalizedCommand {
  readonly commandId: string;
  /** Program first; a script has become `sh -c script`. */
  readonly argv: readonly Uint8Array[];
  /** What `list` shows: the program, or the script. */
  readonly title: Text;
  /** As given: relative or absolute. */
  readonly cwd: Uint8Array | undefined;
  /** Each `NAME=value`, in order. */
  readonly env: readonly Uint8Array[];
  readonly stdin: NormalizedStdin;
  readonly stderr: "separate" | "merge";
  readonly output: "retain" | "stream";
  readonly maxOutputBytes: number;
  /** How much the journal of a durable command keeps of each stream; without it, as much as the place does. */
  readonly maxJournalBytes: number | undefined;
  readonly timeoutMs: number | undefined;
  readonly graceMs: number;
  readonly pty: RunnerTerminalSize | undefined;
  readonly user: string | undefined;
  readonly durable: boolean;
}

/** What a request is checked against. */
export interface NormalizeContext {
  readonly capabilities: RunnerCapabilities;
  readonly platform: { readonly os: string };
  readonly host: RunnerHost | undefined;
}

/**
 * Checks a request at the boundary: `invalid_request` for what is wrong, `unsupported` for what the session does not have.
 * Nothing has been started when it throws or rejects. Only a secret makes it wait.
 */
export function normalizeRequest(
  request: RunnerCommandRequest,
  context: NormalizeContext,
): NormalizedCommand | Promise<NormalizedCommand> {
  if (typeof request !== "object" || request === null) throw expected("request", "an object", request);
  const { argv, title } = normalizeTarget(request);
  const durable = requireBoolean("durable", request.durable);
  const checked = {
    commandId: normalizeCommandId(request.commandId),
    argv,
    title,
    cwd: request.cwd === undefined ? undefined : pathBytes(request.cwd, "cwd"),
    stdin: normalizeStdin(request.stdin),
    stderr: requireOneOf("stderr", ["separate", "merge"], request.stderr ?? "separate"),
    output: requireOneOf("output", ["retain", "stream"], request.output ?? "retain"),
    maxOutputBytes: requireWholeNumber("maxOutputBytes", request.maxOutputBytes ?? defaultMaxOutputBytes, 0),
    maxJournalBytes: durable ? request.maxOutputBytes : undefined,
    timeoutMs: request.timeoutMs === undefined ? undefined : requireWholeNumber("timeoutMs", request.timeoutMs, 1),
    graceMs: requireWholeNumber("graceMs", request.graceMs ?? defaultGraceMs, 0),
    pty: request.pty === undefined ? undefined : requireTerminalSize("pty", request.pty),
    user: normalizeUser(request.user),
    durable,
  };
  requireCapabilities(checked, context.capabilities);
  const finish = (env: readonly Uint8Array[]): NormalizedCommand => {
    checkArgumentSizes(argv, env, context.platform);
    return { ...checked, env };
  };
  const env = normalizeEnvironment(request.env, context.host);
  return env instanceof Promise ? env.then(finish) : finish(env);
}

function normalizeTarget(request: RunnerCommandRequest): { argv: Uint8Array[]; title: Text } {
  const { program, args, script, shell } = request;
  if (program !== undefined && script !== undefined) {
    throw invalidRequest("Expected `program` or `script`, got both");
  }
  if (script !== undefined) {
    if (typeof script !== "string") throw expected("script", "a string", script);
    if (args !== undefined) throw expected("args", "absent beside `script`", args);
    const interpreter = pathBytes(shell ?? "/bin/sh", "shell");
    return { argv: [interpreter, Buffer.from("-c"), textBytes(script, "script")], title: script };
  }
  if (program === undefined) throw invalidRequest("Expected `program` or `script`, got neither");
  if (shell !== undefined) throw expected("shell", "absent beside `program`", shell);
  const argv = [pathBytes(program, "program")];
  if (args !== undefined) {
    if (!Array.isArray(args)) throw expected("args", "an array of strings or Uint8Arrays", args);
    for (const [index, argument] of args.entries()) argv.push(textBytes(argument, `args[${index}]`));
  }
  return { argv, title: program };
}

function normalizeCommandId(commandId: unknown): string {
  if (commandId === undefined) return randomUUID();
  if (typeof commandId === "string" && commandIdPattern.test(commandId)) return commandId;
  throw expected("commandId", "1 to 128 of A-Z a-z 0-9 . _ -, not starting with a dot", commandId);
}

function normalizeStdin(stdin: unknown): NormalizedStdin {
  if (stdin === undefined || stdin === "none") return { kind: "none" };
  if (stdin === "pipe") return { kind: "pipe" };
  if (stdin instanceof Uint8Array) return { kind: "bytes", bytes: stdin };
  if (stdin instanceof ReadableStream) return { kind: "stream", stream: stdin as ReadableStream<Uint8Array> };
  if (typeof stdin === "object" && stdin !== null && "text" in stdin && typeof stdin.text === "string") {
    return { kind: "bytes", bytes: Buffer.from(stdin.text, "utf8") };
  }
  throw expected("stdin", '"none", "pipe", { text }, a Uint8Array or a ReadableStream', stdin);
}

function normalizeUser(user: unknown): string | undefined {
  if (user === undefined) return undefined;
  if (typeof user === "string" && user !== "" && !user.includes("\0")) return user;
  throw expected("user", "a string that is not empty, without NUL bytes", user);
}

function requireBoolean(option: string, value: unknown): boolean {
  if (value === undefined) return false;
  if (typeof value === "boolean") return value;
  throw expected(option, "true or false", value);
}

function requireCapabilities(
  command: Pick<NormalizedCommand, "stdin" | "stderr" | "pty" | "user" | "durable">,
  { commands }: RunnerCapabilities,
): void {
  if (commands.output === "none") throw unsupported("This session runs no commands");
  if (command.durable && command.pty !== undefined) throw expected("pty", "absent for a durable command", command.pty);
  if (command.durable && (command.stdin.kind === "pipe" || command.stdin.kind === "stream")) {
    throw expected("stdin", '"none", { text } or a Uint8Array for a durable command', command.stdin.kind);
  }
  if (command.durable && commands.durable === "none") throw unsupported("This session has no durable commands");
  if (command.user !== undefined && commands.user === "none") {
    throw unsupported("This session cannot run commands as another user");
  }
  if (command.pty !== undefined && commands.pty === "none") throw unsupported("This session has no terminals");
  if (command.stdin.kind !== "none" && commands.stdin === "none") {
    throw unsupported("This session's commands have no standard input");
  }
}
