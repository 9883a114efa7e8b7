import { RunnerError, runnerErrorCodes, type RunnerErrorCode, type RunnerErrorResource } from "@mooring/api";
import { errnoError } from "../errors/errno-table.js";
import type { TransportExit } from "../transport.js";
import { shown } from "./shell-roots.js";

/** What is known of a script that is over. */
export interface ShellEnding {
  readonly nonce: string;
  readonly operation: string;
  readonly path?: string;
  readonly resource?: RunnerErrorResource;
  readonly exit: TransportExit;
  /** Latin1. */
  readonly stderr: string;
  /** Whether its answer never began. */
  readonly unanswered: boolean;
}

/** For people; programs read the code. */
const sentences: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EBUSY: "it is in use",
  EEXIST: "something is there already",
  EINVAL: "that cannot be done with these paths",
  EIO: "the far side could not do it",
  EISDIR: "it is a directory",
  ELOOP: "the path has too many symbolic links, or they run in a circle",
  ENOENT: "there is no such file or directory",
  ENOSPC: "no space is left",
  ENOTDIR: "it, or a part of the path, is not a directory",
  ENOTEMPTY: "the directory is not empty",
};

/** What went wrong with a script: what it said itself, else how its process ended. `undefined` when nothing did. */
export function shellFailure(ending: ShellEnding): RunnerError | undefined {
  const said = saidError(ending);
  if (said !== undefined) return said;
  const { exit, unanswered, operation } = ending;
  if (exit.code === 0 && !unanswered) return undefined;
  const options = {
    operation,
    phase: "unknown",
    ...(ending.path === undefined ? {} : { details: { path: ending.path } }),
  } as const;
  if (exit.code === null && exit.signal === null) {
    return new RunnerError("disconnected", `The connection was lost during ${operation}`, {
      ...options,
      retryable: null,
    });
  }
  const how = exit.signal === null ? `with ${exit.code}` : `by ${exit.signal}`;
  const noise = shown(ending.stderr.trim().slice(-500));
  return new RunnerError("unavailable", `The shell of ${operation} ended ${how}${noise === "" ? "" : `: ${noise}`}`, {
    ...options,
    retryable: null,
  });
}

/** The error that a script reported, from its standard error. */
function saidError(ending: Omit<ShellEnding, "exit" | "unanswered">): RunnerError | undefined {
  const found = new RegExp(`${ending.nonce} error ([A-Za-z_]+)(?: (.*))?`).exec(ending.stderr);
  const [, name = "", words] = found ?? [];
  if (found === null) return undefined;
  const text = words === undefined || !words.includes(" ") ? (sentences[name] ?? name) : shown(words);
  const message = ending.path === undefined ? `${ending.operation}: ${text}` : `${text}: \`${ending.path}\``;
  const options = {
    operation: ending.operation,
    resource: ending.resource ?? "file",
    phase: "before_start",
    ...(ending.path === undefined ? {} : { details: { path: ending.path } }),
  } as const;
  return isCode(name)
    ? new RunnerError(name, message, { ...options, retryable: false })
    : errnoError(name, message, options);
}

function isCode(name: string): name is RunnerErrorCode {
  return (runnerErrorCodes as readonly string[]).includes(name);
}
