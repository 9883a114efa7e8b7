import type { SecretRef } from "./secret-ref.js";
import type { Text } from "./text.js";

/** What to run: a program with its arguments, or a script for a shell. Never both. */
export type RunnerCommandTarget =
  | {
      /** Looked up on the command's `PATH` unless it contains a slash. */
      readonly program: Text;
      /** Arrive byte for byte; no shell is in between. @default [] */
      readonly args?: readonly Text[];
      readonly script?: never;
      readonly shell?: never;
    }
  | {
      /** Handed to the shell as it is, as the argument of `-c`. */
      readonly script: string;
      /** @default "/bin/sh" */
      readonly shell?: string;
      readonly program?: never;
      readonly args?: never;
    };

/** Variables for one command, added to the session's own. Pairs keep their order and duplicates: the last one counts. */
export type RunnerCommandEnvironment =
  | { readonly [name: string]: string | SecretRef }
  | ReadonlyArray<readonly [name: string, value: string | SecretRef]>;

/** What a command reads: nothing (end of file at once), what `write` sends, or these bytes and then end of file. */
export type RunnerCommandStdin = "none" | "pipe" | RunnerStdinContents;

/** Bytes for a command's standard input. Text is wrapped so that it cannot be mistaken for a mode. */
export type RunnerStdinContents = { readonly text: string } | Uint8Array | ReadableStream<Uint8Array>;

/** A terminal's size. */
export interface RunnerTerminalSize {
  /** 1 to 65,535. */
  readonly columns: number;
  /** 1 to 65,535. */
  readonly rows: number;
}

/** One command, and what becomes of its input, output and time. */
export type RunnerCommandRequest = RunnerCommandTarget & {
  /**
   * The caller's name for this command, unique in the session: 1 to 128 of `A-Z a-z 0-9 . _ -`, not starting with a dot.
   * One that was used before rejects with `already_exists`.
   * @default a random one
   */
  readonly commandId?: string;
  /** Relative to the workspace. Rejects with `path_escape` outside workspace and write roots. @default the workspace */
  readonly cwd?: Text;
  readonly env?: RunnerCommandEnvironment;
  /** @default "none" */
  readonly stdin?: RunnerCommandStdin;
  /** `merge`: one pipe for both streams, delivered as standard output: the only exact interleaving. @default "separate" */
  readonly stderr?: "separate" | "merge";
  /**
   * `retain`: output is always drained, its head and tail are kept, the command never waits for a reader.
   * `stream`: nothing is kept, and a reader that stops reading stops the command.
   * @default "retain"
   */
  readonly output?: "retain" | "stream";
  /**
   * How many bytes of each stream are kept: half from its beginning, half from its end. The journal of a durable command then keeps
   * at least as many from each stream's end; without this, as many as the place keeps.
   * @default 1,048,576
   */
  readonly maxOutputBytes?: number;
  /** After this the command and its descendants are ended, with reason `timeout`. @default none */
  readonly timeoutMs?: number;
  /** How long the processes have between TERM and KILL, also at the end of the session; 0 is KILL at once. @default 2,000 */
  readonly graceMs?: number;
  /** Runs the command on a terminal of this size. Its output, both streams, is standard output. */
  readonly pty?: RunnerTerminalSize;
  /** Runs it as this user; `unsupported` unless `commands.user` says otherwise. */
  readonly user?: string;
  /**
   * Outlives the connection and this process, and can be attached to by its id.
   * It cannot have a terminal or a `pipe` for its standard input.
   * @default false
   */
  readonly durable?: boolean;
};
