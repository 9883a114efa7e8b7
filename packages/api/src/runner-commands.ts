import type { RunnerCallOptions, RunnerCancelReport, RunnerCommand } from "./runner-command.js";
import type { RunnerCommandRequest } from "./runner-command-request.js";
import type { RunnerCommandResult } from "./runner-command-result.js";
import type { Text } from "./text.js";

/** A command that the session knows of. */
export interface RunnerCommandInfo {
  readonly commandId: string;
  readonly pid: number | null;
  /** `running`: its own process lives. `background`: that one has ended, processes it started live on. */
  readonly state: "running" | "background" | "ended";
  /** The program, or the script. Never the environment. */
  readonly program: Text;
  readonly durable: boolean;
  /** Living processes under this command, by the runner's own numbers. */
  readonly processes: readonly number[];
}

/** Options of a call that starts a command. */
export interface RunnerStartOptions {
  /**
   * Governs the command's whole life, not only the call. Aborted beforehand, nothing is started and the call rejects
   * with `cancelled`; aborted later, the command is cancelled and `result()` says so.
   */
  readonly signal?: AbortSignal;
}

/**
 * Running commands.
 *
 * An error means the command was not started, or that it is not known whether it was (`phase: "unknown"`;
 * `attach` with its id then tells). Once started, every ending is a result.
 */
export interface RunnerCommands {
  /** `start`, then `result()`. */
  run(request: RunnerCommandRequest, options?: RunnerStartOptions): Promise<RunnerCommandResult>;
  /**
   * Resolves when the program has been executed. Rejects with `not_found` or `permission_denied` when it cannot be,
   * with `invalid_request` for a request that is wrong, with `unsupported` for what the session does not have.
   */
  start(request: RunnerCommandRequest, options?: RunnerStartOptions): Promise<RunnerCommand>;
  /** Finds a command of this session by its id, also one that a former owner of the session made durable. Rejects with `not_found`. */
  attach(commandId: string, options?: RunnerCallOptions): Promise<RunnerCommand>;
  /** All that run, live on in the background, or ended and are still kept. */
  list(options?: RunnerCallOptions): Promise<RunnerCommandInfo[]>;
  /** As `RunnerCommand.cancel`. An id that is not known, or has ended with nothing left, is `cancelled: false`. */
  cancel(commandId: string, options?: { readonly graceMs?: number } & RunnerCallOptions): Promise<RunnerCancelReport>;
}
