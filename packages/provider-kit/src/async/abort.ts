import { RunnerError } from "@mooring/api";

/** The error of a call whose signal was aborted. */
export function cancelledError(signal: AbortSignal, operation: string, phase: "before_start" | "unknown"): RunnerError {
  return new RunnerError("cancelled", `${operation} was cancelled by its signal`, {
    operation,
    phase,
    retryable: false,
    cause: signal.reason,
  });
}

/** Throws `cancelled`, with `cause: signal.reason`, when the signal is aborted already. */
export function throwIfAborted(signal: AbortSignal | undefined, operation: string): void {
  if (signal?.aborted === true) throw cancelledError(signal, operation, "before_start");
}

/**
 * The promise, or `cancelled` as soon as the signal is aborted. What the promise does later is then ignored; `onAbort`
 * tells whoever does the work.
 */
export async function abortable<Value>(
  promise: Promise<Value>,
  signal: AbortSignal | undefined,
  operation: string,
  onAbort?: () => void,
): Promise<Value> {
  if (signal === undefined) return promise;
  let listener: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    listener = () => {
      onAbort?.();
      reject(cancelledError(signal, operation, "unknown"));
    };
    if (signal.aborted) listener();
    else signal.addEventListener("abort", listener, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (listener !== undefined) signal.removeEventListener("abort", listener);
  }
}
