import type { RunnerOutput } from "@mooring/api";
import type { OutputPiece, OutputStore } from "./output-store.js";
import { noOutput, runnerOutput } from "./runner-output.js";

const nothing = new Uint8Array(0);

/** Holds what came and was not read yet, and keeps nothing: room on the far side opens as bytes are taken. */
export class StreamedOutput implements OutputStore {
  readonly #grant: (bytes: number) => void;
  #pieces: OutputPiece[] = [];
  #next = 0;
  #totalBytes: number;
  #discarding = false;
  /** Whether a view owns this stream. */
  taken = false;

  constructor(grant: (bytes: number) => void, start = 0) {
    this.#grant = grant;
    this.#totalBytes = start;
  }

  get totalBytes(): number {
    return this.#totalBytes;
  }

  append(bytes: Uint8Array): boolean {
    const offset = this.#totalBytes;
    this.#totalBytes += bytes.length;
    if (this.#discarding) return true;
    this.#pieces.push({ offset, bytes });
    return false;
  }

  skip(bytes: number): void {
    this.#totalBytes += bytes;
  }

  take(): OutputPiece | undefined {
    const piece = this.#pieces[this.#next];
    if (piece === undefined) return undefined;
    this.#next++;
    if (this.#next === this.#pieces.length) {
      this.#pieces = [];
      this.#next = 0;
    }
    this.#grant(piece.bytes.length);
    return piece;
  }

  /** From now on nobody reads: what came and what comes is dropped, so that the command is not held up. */
  discard(): void {
    this.#discarding = true;
    while (this.take() !== undefined);
  }

  finish(): RunnerOutput {
    return this.#totalBytes === 0 ? noOutput : runnerOutput(nothing, this.#totalBytes, 0);
  }
}
