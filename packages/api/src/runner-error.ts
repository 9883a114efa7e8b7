import type { JsonObject } from "./json.js";
import { showable } from "./schemas/showable.js";

const brand = Symbol.for("mooring.RunnerError");
const mostMessageCharacters = 4_000;

/**
 * Every code a `RunnerError` can have. The set is closed: providers add none, so that a caller can handle
 * all of them. A command's non-zero exit is a result and has no code.
 */
export const runnerErrorCodes = [
  /** The session, provider or far side does not have what was asked for. */
  "unsupported",
  /** The request itself is wrong; the message names the field, what was expected and what came. */
  "invalid_request",
  /** The file, command, session or snapshot does not exist. */
  "not_found",
  /** The name or identifier is taken. */
  "already_exists",
  /** The far side's own permissions, or a policy, forbid it. */
  "permission_denied",
  /** The path, or a symbolic link in it, leaves the roots it must stay in. Nothing outside was touched. */
  "path_escape",
  /** What the caller knew is no longer so: another version of a file, another owner. */
  "conflict",
  /** The call's own deadline passed. A command's timeout is a result's `reason`, not this. */
  "timeout",
  /** The caller's signal was aborted. */
  "cancelled",
  /** The connection to the runner was lost during the call. */
  "disconnected",
  /** The session, command or view was closed before the call. */
  "ended",
  /** What was asked for was kept for a while and is gone: a cursor below the floor, a session past its lifetime. */
  "expired",
  /** Credentials are missing, wrong or refused. */
  "unauthenticated",
  /** Memory, disk, processes, descriptors or a quota ran out. */
  "resource_exhausted",
  /** The place cannot be reached, or is not ready. */
  "unavailable",
  /** The far side, or stored state, said something that cannot be true. */
  "corrupt",
  /** A defect of ours. */
  "internal",
] as const;

/** See `runnerErrorCodes`, which says what each means. */
export type RunnerErrorCode = (typeof runnerErrorCodes)[number];

/** What kind of thing an error is about. */
export type RunnerErrorResource = "destination" | "session" | "command" | "file" | "port" | "snapshot";

/** How far the work had come: whether trying again could do it twice. */
export type RunnerErrorPhase = "before_start" | "running" | "after_end" | "unknown";

/** What a `RunnerError` may carry besides its code and message. */
export interface RunnerErrorOptions {
  /** The id of the provider that failed. */
  readonly provider?: string;
  /** The contract's own name of the call, such as `files.write`. */
  readonly operation?: string;
  readonly resource?: RunnerErrorResource;
  /** @default null */
  readonly retryable?: boolean | null;
  readonly retryAfterMs?: number;
  /** @default "unknown" */
  readonly phase?: RunnerErrorPhase;
  /** Facts for a program: an errno name, the offending path. Never a secret. */
  readonly details?: JsonObject;
  /** What this error was made from. After a failed clean-up it keeps both causes, as an `AggregateError`. */
  readonly cause?: unknown;
}

/**
 * The one error class of the contract. Its message may quote what came from elsewhere, and is read on terminals and in logs: it is
 * one line, with control and bidi characters spelled out. Tell it with `RunnerError.is`, which works across copies of the package. */
export class RunnerError extends Error {
  override readonly name = "RunnerError";
  readonly code: RunnerErrorCode;
  readonly provider: string | undefined;
  readonly operation: string | undefined;
  readonly resource: RunnerErrorResource | undefined;
  /** Whether the same call may succeed later: `null` when that is not known. */
  readonly retryable: boolean | null;
  readonly retryAfterMs: number | undefined;
  readonly phase: RunnerErrorPhase;
  readonly details: JsonObject | undefined;

  constructor(code: RunnerErrorCode, message: string, options: RunnerErrorOptions = {}) {
    super(showable(message, mostMessageCharacters), "cause" in options ? { cause: options.cause } : undefined);
    Object.defineProperty(this, brand, { value: true });
    this.code = code;
    this.provider = options.provider;
    this.operation = options.operation;
    this.resource = options.resource;
    this.retryable = options.retryable ?? null;
    this.retryAfterMs = options.retryAfterMs;
    this.phase = options.phase ?? "unknown";
    this.details = options.details;
  }

  /** Whether `value` is a `RunnerError`, of this copy of the package or another. */
  static is(value: unknown): value is RunnerError {
    return typeof value === "object" && value !== null && brand in value;
  }

  /** A form that JSON can carry, without the cause and the stack. */
  toJSON(): JsonObject {
    return {
      name: this.name,
      code: this.code,
      message: this.message,
      retryable: this.retryable,
      phase: this.phase,
      ...(this.provider === undefined ? {} : { provider: this.provider }),
      ...(this.operation === undefined ? {} : { operation: this.operation }),
      ...(this.resource === undefined ? {} : { resource: this.resource }),
      ...(this.retryAfterMs === undefined ? {} : { retryAfterMs: this.retryAfterMs }),
      ...(this.details === undefined ? {} : { details: this.details }),
    };
  }
}
