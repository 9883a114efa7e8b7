import type { RunnerOutput } from "./runner-output.js";

/** How a command's own process ended. A lost connection is `unknown`: an exit code is never invented. */
export type RunnerCommandExit =
  | { readonly kind: "code"; readonly code: number }
  | {
      readonly kind: "signal";
      /** Its name, such as `SIGKILL`; `SIG` and a number where it has none. */
      readonly signal: string;
    }
  | { readonly kind: "unknown"; readonly detail: string };

/** Why a command ended. The first reason wins: a command that was cancelled after its timeout ended by `timeout`. */
export type RunnerCommandReason =
  | "exited"
  | "timeout"
  | "cancelled"
  /** The session was closed, paused or destroyed. */
  | "closed"
  /** The connection, or the helper on the far side, was lost. */
  | "disconnected"
  | "out_of_memory";

/** What became of a command. A non-zero exit is a result like any other. */
export interface RunnerCommandResult {
  readonly commandId: string;
  readonly exit: RunnerCommandExit;
  readonly reason: RunnerCommandReason;
  readonly stdout: RunnerOutput;
  readonly stderr: RunnerOutput;
  /** When it started, in milliseconds since the epoch, by the clock of the host that asked. */
  readonly startedAtMs: number;
  /** From its start to its end, by a clock that is never set. */
  readonly durationMs: number;
}
