import type { RunnerTerminalSize } from "./runner-command-request.js";
import type { RunnerCommandResult } from "./runner-command-result.js";
import type { RunnerOutputChunk, RunnerOutputCursor, RunnerOutputPage } from "./runner-output.js";

/** What `cancel` found when it was done. */
export interface RunnerCancelReport {
  /** Whether this call ended something that was running. */
  readonly cancelled: boolean;
  /** Processes of the command that could not be ended, by the runner's own numbers. */
  readonly survivors: readonly number[];
  /** Whether the far side confirmed that `survivors` is the whole truth. */
  readonly confirmed: boolean;
}

/** The signals that `signal` takes on every provider that has signals. */
export type RunnerSignalName =
  | "SIGHUP"
  | "SIGINT"
  | "SIGQUIT"
  | "SIGKILL"
  | "SIGTERM"
  | "SIGUSR1"
  | "SIGUSR2"
  | "SIGSTOP"
  | "SIGCONT"
  | "SIGWINCH";

/** Options of a call that only its signal can end early. */
export interface RunnerCallOptions {
  /** Aborts the call, which rejects with `cancelled` and `cause: signal.reason`. */
  readonly signal?: AbortSignal;
}

/**
 * A command that was started. Disposing of it cancels it; a durable one is only let go.
 *
 * `read` serves `retain`ed output only. `output`, `stdout` and `stderr` replay what is kept, then follow, and each
 * can be taken many times; of a `stream`ed command they can be taken once, and a second view throws `invalid_request`.
 */
export interface RunnerCommand extends AsyncDisposable {
  readonly commandId: string;
  /** The process number as the runner sees it; `null` where the place does not tell. */
  readonly pid: number | null;
  /**
   * What is kept at and after the cursor. Waits up to `waitMs` for the first byte.
   * Of a durable command it is what the journal keeps, and never has a gap: below its floor it rejects with `expired`, and
   * `floorStdout` and `floorStderr` in the error's `details` say from where on output is kept.
   * @default cursor: both streams from 0; maxBytes: 65,536; waitMs: 0
   */
  read(
    cursor?: RunnerOutputCursor,
    options?: { readonly maxBytes?: number; readonly waitMs?: number } & RunnerCallOptions,
  ): Promise<RunnerOutputPage>;
  /** Both streams, as they come. A chunk whose offset is past the last one's end follows a gap. */
  readonly output: AsyncIterable<RunnerOutputChunk>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  /** Resolves when the runner has room for more. Rejects with `ended` after the end of input or of the command. */
  write(data: string | Uint8Array, options?: RunnerCallOptions): Promise<void>;
  /** End of file on standard input. Idempotent. */
  closeStdin(options?: RunnerCallOptions): Promise<void>;
  /** Sends one signal to the command's process group. Rejects with `ended` when it has ended. */
  signal(name: RunnerSignalName, options?: RunnerCallOptions): Promise<void>;
  /** Rejects with `invalid_request` when the command has no terminal. */
  resize(size: RunnerTerminalSize, options?: RunnerCallOptions): Promise<void>;
  /** TERM, grace, KILL, for all that descends from the command. Idempotent. @default graceMs: the request's */
  cancel(options?: { readonly graceMs?: number } & RunnerCallOptions): Promise<RunnerCancelReport>;
  /** Resolves when the command has ended, however it did; the same object each time. Never rejects once started. */
  result(): Promise<RunnerCommandResult>;
}
