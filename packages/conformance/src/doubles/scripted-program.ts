import type { RunnerFiles } from "@mooring/api";

/** What a scripted program was started with. */
export interface ScriptedInvocation {
  /** As given, decoded as UTF-8. A script arrives at its shell as `["-c", script]`. */
  readonly args: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** The session's variables and the command's; secrets are values here. */
  readonly env: Readonly<Record<string, string>>;
  /** What `write` or the request's `stdin` sends; ends with the input. */
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Aborted when the command is to end: by timeout, cancel or the session's end. */
  readonly signal: AbortSignal;
  /** The session's own files. */
  readonly files: RunnerFiles;
  /** Writes output at once. Resolves when the reader of a streamed command has room again. */
  stdout(data: string | Uint8Array): Promise<void>;
  stderr(data: string | Uint8Array): Promise<void>;
}

/** How a scripted program ends; what it leaves out is empty output and exit code 0. */
export interface ScriptedOutcome {
  /** Written after whatever the invocation's `stdout` wrote. */
  readonly stdout?: string | Uint8Array;
  readonly stderr?: string | Uint8Array;
  /** An exit code, or a signal's name. @default 0 */
  readonly exit?: number | string;
}

/** A program of the memory provider. One that throws makes the command's exit `unknown`. */
export type ScriptedProgram = (invocation: ScriptedInvocation) => ScriptedOutcome | Promise<ScriptedOutcome>;
