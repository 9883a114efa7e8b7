import { describeValue, RunnerError, type RunnerErrorOptions, showable } from "@mooring/api";

/** An `invalid_request` that names the option, what was expected of it and what came. Never for a value that may be secret. */
export function expected(
  option: string,
  expectation: string,
  value: unknown,
  options: RunnerErrorOptions = {},
): RunnerError {
  return invalidRequest(`Expected \`${option}\` to be ${expectation}, got ${described(value)}`, {
    ...options,
    details: { ...options.details, option },
  });
}

/** A request that is wrong before anything was started. */
export function invalidRequest(message: string, options: RunnerErrorOptions = {}): RunnerError {
  return new RunnerError("invalid_request", message, {
    retryable: false,
    phase: "before_start",
    ...options,
  });
}

/** What the session or the provider does not have. */
export function unsupported(message: string, options: RunnerErrorOptions = {}): RunnerError {
  return new RunnerError("unsupported", message, {
    retryable: false,
    phase: "before_start",
    ...options,
  });
}

function described(value: unknown): string {
  if (typeof value !== "string") return describeValue(value);
  return `\`${showable(value, 80)}\` (string)`;
}
