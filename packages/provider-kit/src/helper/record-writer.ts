import { clientFrame, maxFrameLength, minFrameLength, recordEnd } from "./frame-types.js";
import { invalidRequest } from "../errors/expected.js";

const headerLength = 9;
const firstCapacity = 16_384;

/** What a field of a record can be: text, bytes, a number, or a flag, of which untruth is absence. */
export type RecordValue = string | Uint8Array | number | boolean | undefined;

/**
 * Builds one request frame in a buffer that is used again and again: a request costs one allocation, of its exact size.
 * Not for use across an `await`.
 */
export class RequestWriter {
  #buffer = Buffer.allocUnsafe(firstCapacity);
  #length = 0;

  begin(id: number, operation: string): this {
    this.#length = headerLength;
    this.#buffer[4] = clientFrame.request;
    this.#buffer.writeUInt32BE(id, 5);
    return this.field("op", operation);
  }

  field(key: string, value: RecordValue): this {
    if (value === undefined || value === false) return this;
    if (typeof value === "object") {
      this.#key(key, value.length);
      this.#reserve(value.length);
      this.#buffer.set(value, this.#length);
      this.#length += value.length;
      return this;
    }
    const text = value === true ? "1" : typeof value === "number" ? String(value) : value;
    // UTF-8 takes at most three bytes for each UTF-16 unit; the true length is written afterwards.
    this.#key(key, 0);
    this.#reserve(text.length * 3);
    const written = this.#buffer.write(text, this.#length, "utf8");
    this.#buffer.writeUInt32BE(written, this.#length - 4);
    this.#length += written;
    return this;
  }

  list(key: string, items: readonly (string | Uint8Array)[] | undefined): this {
    if (items === undefined) return this;
    this.#key(key, 0);
    const start = this.#length;
    for (const item of items) {
      this.#reserve(4 + (typeof item === "string" ? item.length * 3 : item.length));
      const written =
        typeof item === "string"
          ? this.#buffer.write(item, this.#length + 4, "utf8")
          : Buffer.from(item.buffer, item.byteOffset, item.length).copy(this.#buffer, this.#length + 4);
      this.#buffer.writeUInt32BE(written, this.#length);
      this.#length += 4 + written;
    }
    this.#buffer.writeUInt32BE(this.#length - start, start - 4);
    return this;
  }

  /** The finished frame, a copy. */
  finish(): Buffer {
    this.field(recordEnd.key, recordEnd.value);
    const length = this.#length - 4;
    if (length > maxFrameLength) {
      throw invalidRequest(`Expected a request of at most ${maxFrameLength} bytes, got one of ${length} bytes`);
    }
    this.#buffer.writeUInt32BE(length, 0);
    const frame = Buffer.from(this.#buffer.subarray(0, this.#length));
    if (this.#buffer.length > firstCapacity * 64) this.#buffer = Buffer.allocUnsafe(firstCapacity);
    return frame;
  }

  #key(key: string, valueLength: number): void {
    this.#reserve(1 + key.length + 4);
    this.#buffer[this.#length++] = key.length;
    this.#length += this.#buffer.write(key, this.#length, "latin1");
    this.#buffer.writeUInt32BE(valueLength, this.#length);
    this.#length += 4;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

/** A frame without a record: DATA, END, CREDIT, ABANDON, PING. */
export function plainFrame(type: number, id: number, payload?: Uint8Array): Buffer {
  const length = minFrameLength + (payload?.length ?? 0);
  const frame = Buffer.allocUnsafe(4 + length);
  frame.writeUInt32BE(length, 0);
  frame[4] = type;
  frame.writeUInt32BE(id, 5);
  if (payload !== undefined) frame.set(payload, headerLength);
  return frame;
}

/** The bytes before a DATA frame's own: they are written apart, so that large contents are not copied. */
export function dataFrameHead(id: number, channel: number, byteLength: number): Buffer {
  const head = Buffer.allocUnsafe(headerLength + 1);
  head.writeUInt32BE(minFrameLength + 1 + byteLength, 0);
  head[4] = clientFrame.data;
  head.writeUInt32BE(id, 5);
  head[9] = channel;
  return head;
}

export function creditFrame(id: number, channel: number, bytes: number): Buffer {
  const payload = Buffer.allocUnsafe(5);
  payload[0] = channel;
  payload.writeUInt32BE(Math.min(bytes, 0xffff_ffff), 1);
  return plainFrame(clientFrame.credit, id, payload);
}
