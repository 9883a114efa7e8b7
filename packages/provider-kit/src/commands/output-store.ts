import type { RunnerOutput } from "@mooring/api";

/** Bytes of one stream and where the first of them stands. */
export interface OutputPiece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** What is held of one output stream of a command. */
export interface OutputStore {
  /** How many bytes the command has written so far. */
  readonly totalBytes: number;
  /** Whether bytes were taken charge of for good, so that the far side may send as many again at once. */
  append(bytes: Uint8Array): boolean;
  /** So many bytes were written and will never come. */
  skip(bytes: number): void;
  /** The next bytes at or after `offset`; a piece that starts later follows a gap. `undefined` when there are none yet. */
  take(offset: number, maxBytes: number): OutputPiece | undefined;
  finish(): RunnerOutput;
}
