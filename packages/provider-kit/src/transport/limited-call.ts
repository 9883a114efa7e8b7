import { RunnerError, type RunnerErrorOptions } from "@mooring/api";
import { cancelledError } from "../async/abort.js";

/** What a call of an author's code is, and what happens to what it makes too late. */
export interface LimitedCall<Value> {
  /** The contract's name of the call that waits for it. */
  readonly operation: string;
  /** What is waited for, for messages: "making the place". */
  readonly what: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Gets what came when nobody waited for it any more. */
  discard?(late: Value): unknown;
}

/**
 * Calls what the author of a provider wrote. Rejects with a `RunnerError` and nothing else, within its time: `unavailable` when it
 * failed in words of its own or not at all in time, `cancelled` as soon as the signal is aborted.
 */
export function limitedCall<Value>(
  call: LimitedCall<Value>,
  work: (signal: AbortSignal) => Value | PromiseLike<Value>,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const { signal, operation, timeoutMs, what } = call;
    const controller = new AbortController();
    let isOver = false;
    const settle = (decide: () => void): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      decide();
    };
    const onAbort = (): void => {
      settle(() => {
        if (signal !== undefined) reject(cancelledError(signal, operation, "unknown"));
        controller.abort(signal?.reason);
      });
    };
    const timer = setTimeout(
      () =>
        settle(() => {
          const error = unavailable(`${operation}: ${what} took longer than ${timeoutMs} ms`, { operation });
          reject(error);
          controller.abort(error);
        }),
      timeoutMs,
    );
    if (signal?.aborted === true) return onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });
    // Within a promise, so that what throws at once is treated alike.
    void new Promise<Value>((started) => started(work(controller.signal))).then(
      (value) => {
        if (isOver) discardQuietly(call, value);
        else settle(() => resolve(value));
      },
      (error: unknown) => settle(() => reject(asRunnerError(error, what, operation))),
    );
  });
}

/** What an author's code threw, as the contract has it. */
function asRunnerError(error: unknown, what: string, operation: string): RunnerError {
  if (RunnerError.is(error)) return error;
  const words = error instanceof Error ? error.message : String(error);
  return unavailable(`${operation}: ${what} failed: ${words}`, { operation, cause: error });
}

function unavailable(message: string, options: RunnerErrorOptions): RunnerError {
  return new RunnerError("unavailable", message, {
    resource: "session",
    retryable: null,
    phase: "unknown",
    ...options,
  });
}

function discardQuietly<Value>(call: LimitedCall<Value>, late: Value): void {
  // Nobody is left who could be told.
  void new Promise((done) => done(call.discard?.(late))).catch(() => undefined);
}
