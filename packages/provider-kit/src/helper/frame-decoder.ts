import { helperFrame, maxFrameLength, minFrameLength } from "./frame-types.js";
import { corrupt } from "./record-reader.js";

/** What a decoder tells. Buffers are views of what was pushed: whoever keeps them copies them. */
export interface FrameSink {
  /** A piece of a DATA frame, as it came: a long frame comes in several. */
  data(id: number, channel: number, bytes: Buffer): void;
  /** Any other frame, whole. */
  frame(type: number, id: number, payload: Buffer): void;
}

const lengthBytes = 4;
const headBytes = 9;
const knownTypes: ReadonlySet<number> = new Set(Object.values(helperFrame));

/**
 * Reads frames from bytes that arrive in pieces of any size. The contents of DATA frames are handed on without a copy.
 * Throws `corrupt`, and is of no use afterwards, when what came cannot be frames.
 */
export class FrameDecoder {
  readonly #sink: FrameSink;
  /** What has been gathered of a head, or of a frame that is not DATA. */
  #parts: Buffer[] = [];
  #partsLength = 0;
  /** How much must be gathered before it is looked at again. */
  #needed = 0;
  /** Of the DATA frame that is coming in. */
  #dataLeft = 0;
  #dataId = 0;
  #dataChannel = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#dataLeft > 0) at = this.#passData(chunk, at);
      else if (this.#partsLength > 0) at = this.#complete(chunk, at);
      else at = this.#begin(chunk, at);
    }
  }

  #passData(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#dataLeft);
    this.#dataLeft -= end - at;
    this.#sink.data(this.#dataId, this.#dataChannel, chunk.subarray(at, end));
    return end;
  }

  /** At the start of a frame: reads it in place when all that is needed is here. */
  #begin(chunk: Buffer, at: number): number {
    const needed = bytesNeeded(chunk, at, chunk.length - at);
    if (at + needed > chunk.length) {
      this.#gather(chunk.subarray(at));
      this.#needed = needed;
      return chunk.length;
    }
    this.#read(chunk, at, needed);
    return at + needed;
  }

  /** In the middle of a head or a frame: takes what is missing of it. */
  #complete(chunk: Buffer, at: number): number {
    let position = at;
    for (;;) {
      const missing = this.#needed - this.#partsLength;
      const part = chunk.subarray(position, position + missing);
      this.#gather(part);
      position += part.length;
      if (part.length < missing) return position;
      const gathered = this.#joined();
      const needed = bytesNeeded(gathered, 0, gathered.length);
      if (needed === this.#needed) {
        this.#parts = [];
        this.#partsLength = 0;
        this.#read(gathered, 0, needed);
        return position;
      }
      this.#needed = needed;
    }
  }

  #gather(part: Buffer): void {
    this.#parts.push(part);
    this.#partsLength += part.length;
  }

  #joined(): Buffer {
    const [first] = this.#parts;
    if (this.#parts.length === 1 && first !== undefined) return first;
    const joined = Buffer.concat(this.#parts, this.#partsLength);
    this.#parts = [joined];
    return joined;
  }

  #read(bytes: Buffer, at: number, needed: number): void {
    const length = bytes.readUInt32BE(at);
    const type = bytes[at + lengthBytes] ?? 0;
    const id = bytes.readUInt32BE(at + lengthBytes + 1);
    if (type !== helperFrame.data) {
      this.#sink.frame(type, id, bytes.subarray(at + headBytes, at + needed));
      return;
    }
    this.#dataId = id;
    this.#dataChannel = bytes[at + headBytes] ?? 0;
    this.#dataLeft = length - minFrameLength - 1;
  }
}

/** How many bytes must be there before anything can be done with the frame at `at`. Throws on what is no frame. */
function bytesNeeded(bytes: Buffer, at: number, available: number): number {
  if (available < lengthBytes + 1) return lengthBytes + 1;
  const length = bytes.readUInt32BE(at);
  const type = bytes[at + lengthBytes] ?? 0;
  if (length < minFrameLength || length > maxFrameLength) throw corrupt(`a frame of ${length} bytes`);
  if (!knownTypes.has(type)) throw corrupt(`a frame of the unknown type ${type}`);
  if (type !== helperFrame.data) return lengthBytes + length;
  if (length < minFrameLength + 1) throw corrupt("a DATA frame without a channel");
  return headBytes + 1;
}
