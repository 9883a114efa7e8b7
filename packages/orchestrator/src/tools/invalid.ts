import { RunnerError } from "@mooring/api";

/** Wrong arguments that no schema can tell. */
export function invalid(message: string): RunnerError {
  return new RunnerError("invalid_request", message, { retryable: false, phase: "before_start" });
}

export function unsupported(message: string, operation: string, provider: string): RunnerError {
  return new RunnerError("unsupported", message, {
    operation,
    provider,
    retryable: false,
    phase: "before_start",
  });
}
