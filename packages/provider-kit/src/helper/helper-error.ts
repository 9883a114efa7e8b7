import {
  type JsonValue,
  RunnerError,
  type RunnerErrorCode,
  runnerErrorCodes,
  type RunnerErrorPhase,
  type RunnerErrorResource,
  showable,
} from "@mooring/api";
import { codeOfErrno } from "../errors/errno-table.js";
import { type HelperRecord, readNumber, readNumbers } from "./record-reader.js";

const mostMessageCharacters = 2_000;

/** What a call is, for its errors. */
export interface CallDescription {
  /** The contract's own name of the call, such as `files.write`. */
  readonly operation: string;
  readonly resource: RunnerErrorResource;
  /** Whether an error of the far side means that nothing was done at all. @default false */
  readonly isAtomic?: boolean;
}

const codes: ReadonlySet<string> = new Set(runnerErrorCodes);
const unsure: ReadonlySet<RunnerErrorCode> = new Set(["resource_exhausted", "unavailable", "timeout", "internal"]);

/** The error that an ERROR record tells of. It makes one of any record: what cannot be read of it is left out. */
export function helperError(record: HelperRecord, call: CallDescription): RunnerError {
  const errno = record.get("errno")?.toString("latin1");
  const said = record.get("code")?.toString("latin1");
  const code = said !== undefined && isCode(said) ? said : errno === undefined ? "internal" : codeOfErrno(errno);
  const reason = record.get("message")?.toString("utf8") ?? errno ?? "the far side gave no reason";
  const message = showable(reason, mostMessageCharacters);
  const details: Record<string, JsonValue> = {};
  if (errno !== undefined) details["errno"] = showable(errno);
  const path = record.get("path");
  if (path !== undefined) details["path"] = path.toString("utf8", 0, 4_096);
  for (const [key, read] of [
    ["survivors", readNumbers],
    ["floorStdout", readNumber],
    ["floorStderr", readNumber],
  ] as const) {
    const value = record.has(key) ? readOrNothing(() => read(record, key)) : undefined;
    if (value !== undefined) details[key] = value;
  }
  const { operation, resource } = call;
  return new RunnerError(code, `${operation}: ${message}`, {
    operation,
    resource,
    retryable: unsure.has(code) ? null : false,
    phase: phaseOf(record.get("stage")?.toString("latin1")) ?? (call.isAtomic === true ? "before_start" : "unknown"),
    ...(Object.keys(details).length === 0 ? {} : { details }),
  });
}

function readOrNothing<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function isCode(text: string): text is RunnerErrorCode {
  return codes.has(text);
}

function phaseOf(stage: string | undefined): RunnerErrorPhase | undefined {
  return stage === "before_start" || stage === "running" ? stage : undefined;
}

/** The error of a call that was under way, or is made, when the helper is gone. */
export function disconnectedError(cause: RunnerError, call: CallDescription, wasSent: boolean): RunnerError {
  const { operation, resource } = call;
  if (cause.code === "ended") {
    return new RunnerError("ended", `${operation}: the session is over`, {
      operation,
      resource,
      retryable: false,
      phase: wasSent ? "unknown" : "before_start",
    });
  }
  return new RunnerError("disconnected", `${operation}: the connection to the helper was lost: ${cause.message}`, {
    operation,
    resource,
    retryable: wasSent ? null : true,
    phase: wasSent ? "unknown" : "before_start",
    cause,
  });
}
