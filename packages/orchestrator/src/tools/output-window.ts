/** What a bounded text lacks in its middle. */
export interface LeftOut {
  readonly bytes: number;
  /** Line ends among those bytes; `null` where they were never seen. */
  readonly lines: number | null;
}

/** A text that is at most as long as it may be: whole, or its head, a marker line and its tail. */
export interface BoundedText {
  readonly text: string;
  /** Of the whole. */
  readonly totalBytes: number;
  readonly leftOut: LeftOut | null;
}

/**
 * Collects bytes as they come and keeps head and tail of them, at most `maxBytes` and a chunk in all. `take` hands out
 * what came since the last time.
 */
export class OutputWindow {
  readonly #headLimit: number;
  readonly #tailLimit: number;
  #head: Buffer[] = [];
  #tail: Buffer[] = [];
  #headBytes = 0;
  #tailBytes = 0;
  #totalBytes = 0;
  #lines: number | null = 0;

  constructor(maxBytes: number) {
    this.#headLimit = Math.ceil(maxBytes / 2);
    this.#tailLimit = maxBytes - this.#headLimit;
  }

  get totalBytes(): number {
    return this.#totalBytes;
  }

  add(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#totalBytes += bytes.length;
    if (this.#lines !== null) this.#lines += countLines(bytes);
    const toHead = Math.min(this.#headLimit - this.#headBytes, bytes.length);
    // Copied: what is kept must not hold on to the whole chunk, nor change with it.
    if (toHead > 0) {
      this.#head.push(Buffer.from(bytes.subarray(0, toHead)));
      this.#headBytes += toHead;
    }
    if (toHead < bytes.length) this.#addToTail(bytes.subarray(toHead));
  }

  /** Bytes that were written but never arrived here. */
  gap(bytes: number): void {
    this.#totalBytes += bytes;
    this.#lines = null;
    // What follows a gap belongs to the tail.
    this.#headBytes = this.#headLimit;
  }

  /**
   * What came since the last time, in at most `maxBytes` of text. Unless it is the last, a character of which
   * only the beginning came is kept for the next time.
   */
  take(maxBytes: number, last: boolean): BoundedText {
    const kept = Buffer.concat([...this.#head, ...this.#tail]);
    const whole = kept.length === this.#totalBytes;
    const rest = whole && !last ? kept.length - completeLength(kept) : 0;
    const totalBytes = this.#totalBytes - rest;
    const bounded =
      whole && totalBytes <= maxBytes
        ? { text: kept.toString("utf8", 0, totalBytes), totalBytes, leftOut: null }
        : this.#cut(kept.subarray(0, kept.length - rest), totalBytes, maxBytes);
    this.#reset(kept.subarray(kept.length - rest));
    return bounded;
  }

  #cut(kept: Buffer, totalBytes: number, maxBytes: number): BoundedText {
    // Where bytes are missing already, the cut must not fall on one side of the gap.
    const headLimit = Math.min(Math.ceil(maxBytes / 2), this.#headLimit, this.#realHeadBytes());
    const whole = kept.length >= totalBytes;
    const tailLimit = Math.min(maxBytes - Math.ceil(maxBytes / 2), whole ? kept.length - headLimit : this.#tailBytes);
    const head = kept.subarray(0, completeLength(kept.subarray(0, headLimit)));
    const tail = withoutContinuation(kept.subarray(kept.length - tailLimit));
    const bytes = totalBytes - head.length - tail.length;
    const lines = this.#lines === null ? null : this.#lines - countLines(head) - countLines(tail);
    const leftOut = { bytes, lines };
    const text = `${head.toString("utf8")}\n${leftOutMarker(leftOut)}\n${tail.toString("utf8")}`;
    return { text, totalBytes, leftOut };
  }

  #realHeadBytes(): number {
    return this.#head.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  #addToTail(bytes: Buffer): void {
    const kept = bytes.subarray(Math.max(0, bytes.length - this.#tailLimit));
    this.#tail.push(Buffer.from(kept));
    this.#tailBytes += kept.length;
    for (let first = this.#tail[0]; first !== undefined; first = this.#tail[0]) {
      const excess = this.#tailBytes - this.#tailLimit;
      if (excess <= 0) return;
      const dropped = Math.min(excess, first.length);
      this.#tailBytes -= dropped;
      if (dropped === first.length) this.#tail.shift();
      else this.#tail[0] = first.subarray(dropped);
    }
  }

  #reset(rest: Buffer): void {
    this.#head = rest.length === 0 ? [] : [Buffer.from(rest)];
    this.#tail = [];
    this.#headBytes = rest.length;
    this.#tailBytes = 0;
    this.#totalBytes = rest.length;
    this.#lines = 0;
  }
}

/** A text that is there already, bounded in the same way. */
export function boundText(text: string, maxBytes: number): BoundedText {
  const bytes = Buffer.from(text);
  const window = new OutputWindow(bytes.length);
  window.add(bytes);
  return window.take(maxBytes, true);
}

export function leftOutMarker({ bytes, lines }: LeftOut): string {
  const inLines = lines === null ? "" : ` in ${lines} ${lines === 1 ? "line" : "lines"}`;
  return `[... ${bytes} bytes${inLines} left out ...]`;
}

export function countLines(bytes: Buffer): number {
  let count = 0;
  // Faster than `indexOf` where lines are short, and never slow.
  for (let at = 0; at < bytes.length; at += 1) if (bytes[at] === 10) count += 1;
  return count;
}

/** Where a last, incomplete character of UTF-8 begins; the length where there is none. */
export function completeLength(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}

function withoutContinuation(bytes: Buffer): Buffer {
  let start = 0;
  while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return bytes.subarray(start);
}
