import type { RunnerOutput } from "@mooring/api";
import { concatenate } from "./text-bytes.js";

/** One stream of a command: the first half of the limit from its beginning, the rest from its end. */
export class RetainedStream {
  #head: Uint8Array[] = [];
  #tail: Uint8Array[] = [];
  #headBytes = 0;
  #tailBytes = 0;
  #totalBytes = 0;
  readonly #headLimit: number;
  readonly #tailLimit: number;

  constructor(maxBytes: number) {
    this.#headLimit = Math.floor(maxBytes / 2);
    this.#tailLimit = maxBytes - this.#headLimit;
  }

  get totalBytes(): number {
    return this.#totalBytes;
  }

  push(bytes: Uint8Array): void {
    this.#totalBytes += bytes.length;
    const forHead = bytes.subarray(0, this.#headLimit - this.#headBytes);
    if (forHead.length > 0) {
      this.#head.push(forHead);
      this.#headBytes += forHead.length;
    }
    const forTail = bytes.subarray(forHead.length);
    if (forTail.length === 0) return;
    this.#tail.push(forTail);
    this.#tailBytes += forTail.length;
    while (this.#tailBytes > this.#tailLimit) {
      const first = this.#tail[0] as Uint8Array;
      const excess = this.#tailBytes - this.#tailLimit;
      if (first.length <= excess) this.#tail.shift();
      else this.#tail[0] = first.subarray(excess);
      this.#tailBytes -= Math.min(first.length, excess);
    }
  }

  /** What is kept at and after an offset: at most one piece. Its offset is past the one asked for when that is gone. */
  pieceAt(offset: number, maxBytes: number): { offset: number; bytes: Uint8Array } | undefined {
    const tailStart = this.#totalBytes - this.#tailBytes;
    if (offset < this.#headBytes) {
      const bytes = concatenate(this.#head).subarray(offset, offset + maxBytes);
      return { offset, bytes };
    }
    const start = Math.max(offset, tailStart);
    if (start >= this.#totalBytes) return undefined;
    const from = start - tailStart;
    return { offset: start, bytes: concatenate(this.#tail).subarray(from, from + maxBytes) };
  }

  /** What the command's result says of this stream. */
  output(): RunnerOutput {
    const droppedBytes = this.#totalBytes - this.#headBytes - this.#tailBytes;
    const head = concatenate(this.#head);
    const tail = concatenate(this.#tail);
    const bytes = concatenate([head, tail]);
    return {
      bytes,
      text: () => (droppedBytes === 0 ? decode(bytes) : decode(withoutCutEnd(head)) + decode(withoutCutStart(tail))),
      totalBytes: this.#totalBytes,
      droppedBytes,
      truncated: droppedBytes > 0,
      headBytes: droppedBytes === 0 ? bytes.length : head.length,
    };
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/** Drops the first bytes of a character whose rest lies in the gap. */
function withoutCutEnd(bytes: Uint8Array): Uint8Array {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 0;
    if (needs > back) return bytes.subarray(0, bytes.length - back);
    if (needs > 0 || byte < 0x80) return bytes;
  }
  return bytes;
}

/** Drops the last bytes of a character whose beginning lies in the gap. */
function withoutCutStart(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return bytes.subarray(start);
}
