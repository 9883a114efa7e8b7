import {
  describeValue,
  type RunnerCommandEnvironment,
  type RunnerCommandRequest,
  runnerIdSchema,
  type RunnerSessionOptions,
  type SecretRef,
} from "@mooring/api";
import { failure } from "./failure.js";
import { bytesOf } from "./text-bytes.js";

const operation = "commands.start";

/** Rejects what is wrong with a request, and what this runner does not have. */
export function checkRequest(request: RunnerCommandRequest): void {
  const { program, script } = request;
  if ((program === undefined) === (script === undefined)) {
    throw wrong("Expected either `program` or `script`", program ?? script);
  }
  if (program !== undefined && bytesOf(program).length === 0) {
    throw wrong("Expected `program` to be not empty", program);
  }
  for (const [name, text] of [
    ["program", program],
    ["script", script],
    ["cwd", request.cwd],
    ...(request.args ?? []).map((argument, index) => [`args.${index}`, argument] as const),
  ] as const) {
    if (text === undefined) continue;
    if (typeof text !== "string" && !(text instanceof Uint8Array)) {
      throw wrong(`Expected \`${name}\` to be a string or bytes`, text);
    }
    if (bytesOf(text).includes(0)) throw wrong(`Expected \`${name}\` to have no NUL byte`, text);
  }
  if (request.commandId !== undefined && runnerIdSchema.safeParse(request.commandId).success === false) {
    throw wrong("Expected `commandId` to be 1 to 128 of A-Z a-z 0-9 . _ -, not starting with a dot", request.commandId);
  }
  for (const name of ["timeoutMs", "graceMs", "maxOutputBytes"] as const) {
    const value = request[name];
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0)) {
      throw wrong(`Expected \`${name}\` to be a non-negative integer`, value);
    }
  }
  requireOneOf("stderr", request.stderr, ["separate", "merge"]);
  requireOneOf("output", request.output, ["retain", "stream"]);
  if (typeof request.stdin === "string") requireOneOf("stdin", request.stdin, ["none", "pipe"]);
  checkEnvironment(request.env, operation);
  if (request.pty !== undefined) throw absent("`pty`");
  if (request.user !== undefined) throw absent("`user`");
  if (request.durable === true) throw absent("`durable`");
}

/** Rejects variables that no environment can hold. */
export function checkEnvironment(environment: RunnerCommandEnvironment | undefined, operation: string): void {
  for (const [name, value] of environmentPairs(environment)) {
    if (name === "" || /[=\0]/.test(name)) {
      const message = "Expected `env` to have names that are not empty, without = and NUL";
      throw failure("invalid_request", `${message}, got ${describeValue(name)}`, { operation });
    }
    if (typeof value !== "string" || !value.includes("\0")) continue;
    throw failure("invalid_request", `Expected the value of \`env.${name}\` to have no NUL byte`, { operation });
  }
}

/** The variables of a session and a command with their secrets resolved; the last of a name counts. */
export async function resolveEnvironment(
  options: RunnerSessionOptions,
  environment: RunnerCommandEnvironment | undefined,
): Promise<Record<string, string>> {
  const resolved: Record<string, string> = {};
  for (const [name, value] of [...environmentPairs(options.env), ...environmentPairs(environment)]) {
    resolved[name] = typeof value === "string" ? value : await resolveSecret(options, name, value);
  }
  return resolved;
}

function environmentPairs(
  environment: RunnerCommandEnvironment | undefined,
): readonly (readonly [string, string | SecretRef])[] {
  if (environment === undefined) return [];
  return isPairs(environment) ? environment : Object.entries(environment);
}

function isPairs(
  environment: RunnerCommandEnvironment,
): environment is ReadonlyArray<readonly [string, string | SecretRef]> {
  return Array.isArray(environment);
}

async function resolveSecret(options: RunnerSessionOptions, name: string, reference: SecretRef): Promise<string> {
  const host = options.host;
  if (host?.resolveSecret === undefined) {
    throw wrong(`Expected \`host.resolveSecret\` for the secret of \`env.${name}\``, undefined);
  }
  return await host.resolveSecret(reference);
}

function requireOneOf(name: string, value: string | undefined, modes: readonly string[]): void {
  if (value === undefined || modes.includes(value)) return;
  throw wrong(`Expected \`${name}\` to be ${modes.map((mode) => `"${mode}"`).join(" or ")}`, value);
}

function wrong(expected: string, value: unknown) {
  return failure("invalid_request", `${expected}, got ${describeValue(value)}`, {
    operation,
    resource: "command",
  });
}

function absent(what: string) {
  return failure("unsupported", `${what} is not there: this runner lives in memory`, {
    operation,
    resource: "command",
  });
}
