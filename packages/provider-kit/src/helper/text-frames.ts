import { maxFrameLength } from "./frame-types.js";
import { corrupt } from "./record-reader.js";

const newline = 0x0a;
const maxLineLength = Math.ceil((maxFrameLength + 4) / 3) * 4 + 2;

/** Splits bytes into lines of base64 and hands on what each holds. Throws `corrupt` for what is neither. */
export class TextLineDecoder {
  readonly #sink: (frame: Buffer) => void;
  #parts: Buffer[] = [];
  #length = 0;

  constructor(sink: (frame: Buffer) => void) {
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      const end = chunk.indexOf(newline, at);
      const part = chunk.subarray(at, end === -1 ? chunk.length : end);
      this.#length += part.length;
      if (this.#length > maxLineLength) throw corrupt("a line longer than any frame");
      this.#parts.push(part);
      if (end === -1) return;
      this.#line();
      at = end + 1;
    }
  }

  #line(): void {
    const text = Buffer.concat(this.#parts, this.#length).toString("latin1").trimEnd();
    this.#parts = [];
    this.#length = 0;
    if (text === "") return;
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) throw corrupt("a line that is no base64");
    this.#sink(Buffer.from(text, "base64"));
  }
}

/** A frame as a line. */
export function textLine(frame: Buffer): Buffer {
  return Buffer.from(`${frame.toString("base64")}\n`, "latin1");
}
