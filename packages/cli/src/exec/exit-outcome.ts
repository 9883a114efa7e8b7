import { constants } from "node:os";
import { type RunnerCommandRequest, type RunnerCommandResult, RunnerError, type RunnerErrorCode } from "@mooring/api";
import { CliError } from "../cli-error.js";
import { exitCodes } from "../exit-codes.js";

/** What we end with, and what there is to say about it. */
export interface ExitOutcome {
  readonly exitCode: number;
  /** Absent where the exit code tells all. */
  readonly message?: string;
}

/** The exit code for a command that was started. */
export function outcomeOf(result: Pick<RunnerCommandResult, "exit" | "reason">, timeoutMs?: number): ExitOutcome {
  const { exit, reason } = result;
  if (reason === "timeout") {
    const after = timeoutMs === undefined ? "" : ` after ${timeoutMs / 1_000} s`;
    return {
      exitCode: exitCodes.timeout,
      message: `The command timed out${after}; it and its descendants were ended`,
    };
  }
  switch (exit.kind) {
    case "unknown":
      return {
        exitCode: exitCodes.unknown,
        message: `What became of the command is not known (${reason}): ${exit.detail}`,
      };
    case "signal": {
      const exitCode = exitCodes.signalBase + signalNumber(exit.signal);
      if (reason === "exited" || reason === "cancelled") return { exitCode };
      return { exitCode, message: `The command was ended by ${exit.signal} (${reason})` };
    }
    case "code":
      return { exitCode: exit.code };
  }
}

/** The number of a signal's name; `SIG34` names itself. */
export function signalNumber(name: string): number {
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return numbers[name] ?? Number(/^SIG(\d+)$/.exec(name)?.[1] ?? 0);
}

/** The failure to open a session: whatever it was, nothing ran. */
export function openFailure(error: unknown): unknown {
  const isWrong = RunnerError.is(error) && error.code === "invalid_request";
  return withExitCode(error, isWrong ? exitCodes.usage : exitCodes.notStarted);
}

/** The failure to start a command, with the exit code that says which it was. */
export function startFailure(error: unknown, request: RunnerCommandRequest): unknown {
  return withExitCode(error, RunnerError.is(error) ? startFailureCode(error, request) : exitCodes.unknown);
}

function withExitCode(error: unknown, exitCode: number): unknown {
  if (!RunnerError.is(error)) return error;
  return new CliError(error.message, { code: error.code, exitCode, cause: error });
}

/** Codes that leave open how far the call came. */
const doubtful: ReadonlySet<RunnerErrorCode> = new Set([
  "disconnected",
  "timeout",
  "cancelled",
  "unavailable",
  "corrupt",
  "internal",
]);

function startFailureCode(error: RunnerError, request: RunnerCommandRequest): number {
  const { code, phase } = error;
  if (code === "invalid_request") return exitCodes.usage;
  if (doubtful.has(code) && phase !== "before_start") return exitCodes.unknown;
  const path = error.details?.["path"];
  const isAboutDirectory = path !== undefined && path === request.cwd && path !== request.program;
  if (code === "not_found" && !isAboutDirectory) return exitCodes.notFound;
  if (code === "permission_denied" && !isAboutDirectory) return exitCodes.notExecutable;
  return exitCodes.notStarted;
}
