import { RunnerError } from "@mooring/api";

/** What `connect` says of a port that nobody answers on. */
export function nothingListens(port: number, cause?: unknown): RunnerError {
  return new RunnerError("unavailable", `Nothing listens on port ${port} of the runner`, {
    operation: "ports.connect",
    resource: "port",
    retryable: null,
    phase: "before_start",
    ...(cause === undefined ? {} : { cause }),
  });
}
