import { RunnerError, type RunnerErrorCode, type RunnerErrorOptions } from "@mooring/api";

/** An error of a double: nothing was begun, and the same call would fail again, unless `options` says otherwise. */
export function failure(code: RunnerErrorCode, message: string, options: RunnerErrorOptions = {}): RunnerError {
  return new RunnerError(code, message, { retryable: false, phase: "before_start", ...options });
}

/** Throws `cancelled`, with the signal's reason as its cause, when it is aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined, operation: string): void {
  if (signal?.aborted !== true) return;
  throw failure("cancelled", `${operation} was cancelled: its signal is aborted`, {
    operation,
    cause: signal.reason,
  });
}
