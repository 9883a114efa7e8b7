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

/** What a write to a connection that is gone rejects with. */
export function connectionLost(): RunnerError {
  return new RunnerError("disconnected", "The connection to the port was closed", {
    resource: "port",
    retryable: null,
    phase: "running",
  });
}
