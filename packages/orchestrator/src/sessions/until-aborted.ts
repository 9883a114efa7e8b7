import { RunnerError, type RunnerErrorPhase } from "@mooring/api";

/** The promise's outcome, or `cancelled` as soon as the signal aborts. What was awaited goes on by itself. */
export async function untilAborted<Value>(
  promise: Promise<Value>,
  signal: AbortSignal | undefined,
  what: string,
  phase: RunnerErrorPhase,
): Promise<Value> {
  if (signal === undefined) return promise;
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(cancelledError(what, signal, phase));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener("abort", onAbort);
  }
}

export function cancelledError(what: string, signal: AbortSignal, phase: RunnerErrorPhase): RunnerError {
  return new RunnerError("cancelled", `The call was cancelled ${what}`, {
    retryable: true,
    phase,
    cause: signal.reason,
  });
}
