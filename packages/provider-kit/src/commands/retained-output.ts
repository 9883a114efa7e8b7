import type { RunnerOutput } from "@mooring/api";
import type { OutputPiece, OutputStore } from "./output-store.js";
import { noOutput, runnerOutput } from "./runner-output.js";

const empty = new Uint8Array(0);
const firstAllocation = 4096;

/** Keeps the head of a stream and a ring of its tail. Grows as it fills: a command that writes nothing costs nothing. */
export class RetainedOutput implements OutputStore {
  readonly #headCapacity: number;
  readonly #tailCapacity: number;
  /** Where in the stream we begin: what was written before is not ours to show. */
  readonly #start: number;
  #head: Uint8Array = empty;
  #headLength = 0;
  #tail: Uint8Array = empty;
  /** Bytes that ever went to the tail. */
  #tailTotal = 0;
  /** Where in those a gap ends: what came before it is not followed by what came after. */
  #tailFrom = 0;

  constructor(maxBytes: number, start = 0) {
    this.#headCapacity = Math.ceil(maxBytes / 2);
    this.#tailCapacity = Math.floor(maxBytes / 2);
    this.#start = start;
  }

  get totalBytes(): number {
    return this.#start + this.#headLength + this.#tailTotal;
  }

  append(bytes: Uint8Array): boolean {
    let rest = bytes;
    // Behind a gap nothing is the head any more.
    const room = this.#tailFrom > 0 ? 0 : this.#headCapacity - this.#headLength;
    if (room > 0) {
      const part = rest.length <= room ? rest : rest.subarray(0, room);
      this.#head = grown(this.#head, this.#headLength + part.length, this.#headCapacity);
      this.#head.set(part, this.#headLength);
      this.#headLength += part.length;
      rest = rest.subarray(part.length);
    }
    if (rest.length > 0) this.#appendToTail(rest);
    return true;
  }

  #appendToTail(bytes: Uint8Array): void {
    const capacity = this.#tailCapacity;
    const kept = bytes.length > capacity ? bytes.subarray(bytes.length - capacity) : bytes;
    const end = this.#tailTotal + bytes.length;
    this.#tail = grown(this.#tail, Math.min(end, capacity), capacity);
    if (kept.length > 0) {
      const position = (end - kept.length) % capacity;
      const upToWrap = kept.subarray(0, capacity - position);
      this.#tail.set(upToWrap, position);
      this.#tail.set(kept.subarray(upToWrap.length), 0);
    }
    this.#tailTotal = end;
  }

  skip(bytes: number): void {
    this.#tailTotal += bytes;
    this.#tailFrom = this.#tailTotal;
    // The ring is addressed by what ever went to it.
    this.#tail = grown(this.#tail, Math.min(this.#tailTotal, this.#tailCapacity), this.#tailCapacity);
  }

  take(offset: number, maxBytes: number): OutputPiece | undefined {
    const headEnd = this.#start + this.#headLength;
    const from = Math.max(offset, this.#start);
    if (from < headEnd) {
      const begin = from - this.#start;
      return { offset: from, bytes: this.#head.slice(begin, Math.min(begin + maxBytes, this.#headLength)) };
    }
    const tailOffset = Math.max(from - headEnd, this.#tailTotal - this.#tailCapacity, this.#tailFrom);
    const length = Math.min(maxBytes, this.#tailTotal - tailOffset);
    if (length <= 0) return undefined;
    return { offset: headEnd + tailOffset, bytes: this.#sliceTail(tailOffset, length) };
  }

  #sliceTail(offset: number, length: number): Uint8Array {
    const position = offset % this.#tailCapacity;
    const upToWrap = this.#tail.subarray(position, Math.min(position + length, this.#tail.length));
    if (upToWrap.length === length) return upToWrap.slice();
    const bytes = new Uint8Array(length);
    bytes.set(upToWrap);
    bytes.set(this.#tail.subarray(0, length - upToWrap.length), upToWrap.length);
    return bytes;
  }

  finish(): RunnerOutput {
    if (this.totalBytes === 0) return noOutput;
    const tailLength = Math.min(this.#tailTotal - this.#tailFrom, this.#tailCapacity);
    if (tailLength === 0) return runnerOutput(this.#head.slice(0, this.#headLength), this.totalBytes, this.#headLength);
    const bytes = new Uint8Array(this.#headLength + tailLength);
    bytes.set(this.#head.subarray(0, this.#headLength));
    bytes.set(this.#sliceTail(this.#tailTotal - tailLength, tailLength), this.#headLength);
    return runnerOutput(bytes, this.totalBytes, this.#headLength);
  }
}

function grown(buffer: Uint8Array, length: number, capacity: number): Uint8Array {
  if (length <= buffer.length) return buffer;
  const larger = new Uint8Array(Math.min(capacity, Math.max(length, buffer.length * 2, firstAllocation)));
  larger.set(buffer);
  return larger;
}
