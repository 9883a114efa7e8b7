import { RunnerError } from "../runner-error.js";
import { describeValueAt } from "../schemas/parse.js";
import { showable } from "../schemas/showable.js";

/** The error for a value that is not what its field holds. */
export function wrongField(what: string, path: string, expected: string, value: unknown): RunnerError {
  const field = path === "" ? what : `\`${showable(path)}\` of ${what}`;
  return new RunnerError(
    "invalid_request",
    `Wrong ${field}: expected ${expected}, got ${describeValueAt(path.split("."), value)}`,
    {
      retryable: false,
      phase: "before_start",
      details: { field: showable(path) },
    },
  );
}
