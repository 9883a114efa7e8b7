import type { RunnerSignalName, RunnerTerminalSize } from "@mooring/api";
import { expected } from "../errors/expected.js";

const signalNames: ReadonlySet<string> = new Set<RunnerSignalName>([
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGKILL",
  "SIGTERM",
  "SIGUSR1",
  "SIGUSR2",
  "SIGSTOP",
  "SIGCONT",
  "SIGWINCH",
]);

/** The value, or `invalid_request`. */
export function requireWholeNumber(option: string, value: unknown, least: 0 | 1): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
  throw expected(option, least === 0 ? "a non-negative integer" : "a positive integer", value);
}

export function requireOneOf<Value extends string>(option: string, values: readonly Value[], value: unknown): Value {
  const found = values.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw expected(option, values.map((candidate) => `"${candidate}"`).join(" or "), value);
}

export function requireSignalName(name: unknown): void {
  if (typeof name !== "string" || !signalNames.has(name)) {
    throw expected("name", `one of ${[...signalNames].join(", ")}`, name);
  }
}

export function requireTerminalSize(option: string, size: unknown): RunnerTerminalSize {
  if (typeof size !== "object" || size === null) throw expected(option, "an object { columns, rows }", size);
  const { columns, rows } = size as Partial<Record<string, unknown>>;
  return {
    columns: requireTerminalEdge(`${option}.columns`, columns),
    rows: requireTerminalEdge(`${option}.rows`, rows),
  };
}

function requireTerminalEdge(option: string, value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 65_535) return value;
  throw expected(option, "a whole number from 1 to 65535", value);
}
