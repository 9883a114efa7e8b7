/** The streams a command writes. On a terminal, and when merged, all of it is `stdout`. */
export type RunnerOutputStream = "stdout" | "stderr";

/** A piece of a command's output, exactly as written. */
export interface RunnerOutputChunk {
  readonly stream: RunnerOutputStream;
  /** Where in its stream the first byte stands, counted from 0. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A position in a command's output: the next byte to read of each stream, counted from 0. Plain JSON. */
export interface RunnerOutputCursor {
  readonly stdout: number;
  readonly stderr: number;
}

/** Bytes that were written and are no longer kept: from `offset` to just before `end`. */
export interface RunnerDroppedRange {
  readonly stream: RunnerOutputStream;
  readonly offset: number;
  readonly end: number;
}

/** What `read` found at a cursor. */
export interface RunnerOutputPage {
  /** In order within each stream. */
  readonly chunks: readonly RunnerOutputChunk[];
  /** Where to go on. */
  readonly cursor: RunnerOutputCursor;
  /** What lay between the given cursor and the next, but was not kept. Empty when nothing is missing. */
  readonly dropped: readonly RunnerDroppedRange[];
  /** Whether both streams have ended and this page holds the last of them. */
  readonly ended: boolean;
}

/** What is kept of one stream when its command has ended. Markers are never spliced into the bytes. */
export interface RunnerOutput {
  /** The kept head, then the kept tail. */
  readonly bytes: Uint8Array;
  /** The kept bytes as UTF-8. What is not UTF-8 becomes U+FFFD; a character cut by the gap is left out. */
  text(): string;
  /** How many bytes the command wrote. */
  readonly totalBytes: number;
  /** How many of them are not in `bytes`; they lie between its head and its tail. */
  readonly droppedBytes: number;
  /** Whether `droppedBytes` is more than 0. */
  readonly truncated: boolean;
  /** How many of `bytes` come from the beginning of the stream: where the gap is. */
  readonly headBytes: number;
}
