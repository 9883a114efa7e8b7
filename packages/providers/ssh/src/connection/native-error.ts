import { RunnerError, type RunnerErrorCode } from "@mooring/api";

/** Why a machine could not be reached, by the system's name for it, and whether it may be there in a moment. */
const table: Readonly<Record<string, { readonly code: RunnerErrorCode; readonly isPassing: boolean }>> = {
  EACCES: { code: "permission_denied", isPassing: false },
  EADDRNOTAVAIL: { code: "unavailable", isPassing: true },
  EAI_AGAIN: { code: "unavailable", isPassing: true },
  EAI_FAIL: { code: "unavailable", isPassing: false },
  ECONNABORTED: { code: "unavailable", isPassing: true },
  ECONNREFUSED: { code: "unavailable", isPassing: true },
  ECONNRESET: { code: "unavailable", isPassing: true },
  EHOSTDOWN: { code: "unavailable", isPassing: true },
  EHOSTUNREACH: { code: "unavailable", isPassing: true },
  EMFILE: { code: "resource_exhausted", isPassing: false },
  ENETDOWN: { code: "unavailable", isPassing: true },
  ENETUNREACH: { code: "unavailable", isPassing: true },
  ENFILE: { code: "resource_exhausted", isPassing: false },
  ENOTFOUND: { code: "unavailable", isPassing: false },
  EPIPE: { code: "unavailable", isPassing: true },
  ETIMEDOUT: { code: "unavailable", isPassing: false },
};

/** How soon it is worth to try the same again. */
export type Patience = "none" | "short" | "long";

const patienceOf = new WeakMap<object, Patience>();

/** How long trying again after this error may help: a machine that starts needs a moment, a busy one as long as there is. */
export function patienceWith(error: unknown): Patience {
  return (typeof error === "object" && error !== null && patienceOf.get(error)) || "none";
}

/** A machine that could not be reached, by what the system or the library said. */
export function reachError(where: string, cause: unknown): RunnerError {
  const errno = errnoOf(cause);
  const row = errno === undefined ? undefined : table[errno];
  const words = cause instanceof Error ? cause.message : String(cause);
  const error = connectError(row?.code ?? "unavailable", `${where} cannot be reached: ${errno ?? words}`, {
    cause,
    ...(errno === undefined ? {} : { details: { errno } }),
  });
  if (row?.isPassing === true) patienceOf.set(error, "short");
  return error;
}

/** A server that let go of us before it said who it is: it has more to do than it takes. */
export function droppedError(where: string, cause: unknown): RunnerError {
  const error = connectError("unavailable", `${where} closed the connection before it said anything`, { cause });
  patienceOf.set(error, "long");
  return error;
}

/** A server that takes too long; `stage` says with what. */
export function slowError(where: string, stage: string, timeoutMs: number): RunnerError {
  return connectError("unavailable", `${where}: ${stage} took longer than ${timeoutMs} ms`);
}

/** An error before anything was started. What cannot be reached may be there later, the rest will not. */
export function connectError(
  code: RunnerErrorCode,
  message: string,
  options: { readonly cause?: unknown; readonly details?: Record<string, string> } = {},
): RunnerError {
  return new RunnerError(code, message, {
    provider: "ssh",
    resource: "destination",
    retryable: code === "unavailable",
    phase: "before_start",
    ...options,
  });
}

/** A connection that was there and is gone. */
export function disconnectedError(where: string, how: string, cause?: unknown): RunnerError {
  return new RunnerError("disconnected", `The connection to ${where} is gone: ${how}`, {
    provider: "ssh",
    resource: "session",
    retryable: null,
    phase: "unknown",
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Of several addresses that were tried, the first tells. */
function errnoOf(cause: unknown): string | undefined {
  const first = cause instanceof AggregateError ? (cause.errors[0] as unknown) : cause;
  if (typeof first !== "object" || first === null || !("code" in first)) return undefined;
  return typeof first.code === "string" ? first.code : undefined;
}
