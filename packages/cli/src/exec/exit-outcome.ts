import { constants } from "node:os";
import { RunnerError, type RunnerCommandResult } from "@mooring/api";
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

/** The failure to start a command, with the exit code that says which it was. */
export function startFailure(error: unknown): unknown {
  if (!RunnerError.is(error)) return error;
  return new CliError(error.message, {
    code: error.code,
    exitCode: startFailureCode(error),
    cause: error,
  });
}

function startFailureCode(error: RunnerError): number {
  if (error.phase === "unknown" && (error.code === "disconnected" || error.code === "timeout")) {
    return exitCodes.unknown;
  }
  if (error.code === "invalid_request") return exitCodes.usage;
  if (error.resource !== "command") return exitCodes.notStarted;
  if (error.code === "not_found") return exitCodes.notFound;
  if (error.code === "permission_denied") return exitCodes.notExecutable;
  return exitCodes.notStarted;
}
