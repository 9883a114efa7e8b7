import { RunnerError, type RunnerErrorCode, type RunnerErrorOptions } from "@mooring/api";

/** An error before anything was begun, which the same call would meet again, unless `options` says otherwise. */
export function failure(code: RunnerErrorCode, message: string, options: RunnerErrorOptions = {}): RunnerError {
  return new RunnerError(code, printable(message), {
    provider: "my-place",
    retryable: false,
    phase: "before_start",
    ...options,
  });
}

/** Throws `cancelled`, with the signal's reason as its cause, when it is aborted. */
export function throwIfAborted(signal: AbortSignal | undefined, operation: string): void {
  if (signal?.aborted !== true) return;
  throw failure("cancelled", `${operation} was cancelled by its signal`, { operation, cause: signal.reason });
}

/** A message may repeat a name, and a name may hold anything: what would steer a terminal is spelled out. */
function printable(message: string): string {
  return message.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
