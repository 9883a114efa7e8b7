import type { RunnerFiles } from "@mooring/api";
import { completeLength, countLines, type LeftOut } from "./output-window.js";

/** What one round trip brings along: most source files are shorter. */
const firstReadBytes = 262_144;
/** A longer line is cut, so that one minified file does not take the whole page. */
const maxLineBytes = 16_384;
/** Room for what is said after the lines. */
const frameBytes = 300;

export interface LinePage {
  readonly path: string;
  readonly sizeBytes: number;
  readonly version: string;
  readonly binary: boolean;
  /** As it is in the file, without the last line's end. */
  readonly text: string;
  /** The same for the model, with line numbers where they were asked for. */
  readonly shown: string;
  readonly startLine: number;
  /** The last line given; less than `startLine` when there is none. */
  readonly endLine: number;
  /** Where to go on; `null` at the end of the file. */
  readonly nextOffset: number | null;
  /** For the model: what is missing and how to get it. */
  readonly note: string;
  readonly leftOut: LeftOut | null;
}

export interface LineRange {
  readonly offset: number;
  readonly limit: number;
  readonly maxBytes: number;
  readonly sniffedBytes: number;
  readonly lineNumbers: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Lines of a text file, as many as fit. What comes after them is not read. */
export async function readLines(files: RunnerFiles, path: string, range: LineRange): Promise<LinePage> {
  const { signal } = range;
  const first = await files.read(path, { maxBytes: firstReadBytes, signal });
  const contents = Buffer.from(first.contents);
  const known = { path: first.path, sizeBytes: first.sizeBytes, version: first.version };
  if (contents.subarray(0, range.sniffedBytes).includes(0)) {
    return {
      ...known,
      binary: true,
      text: "",
      shown: "",
      startLine: 1,
      endLine: 0,
      nextOffset: null,
      note: "",
      leftOut: null,
    };
  }
  const page = new LineCollector(range);
  let atEnd = page.add(contents) || !first.truncated;
  if (!atEnd) {
    const stream = await files.readStream(path, { offset: contents.length, signal });
    // Leaving the loop early cancels the stream, so that no more is sent.
    for await (const chunk of stream) {
      atEnd = page.add(Buffer.from(chunk));
      if (atEnd) break;
    }
  }
  return { ...known, binary: false, ...page.finish(first.sizeBytes, !first.truncated ? contents : undefined) };
}

class LineCollector {
  readonly #range: LineRange;
  readonly #lines: string[] = [];
  #bytes = 0;
  #line = 1;
  #consumed = 0;
  /** The beginning of a line whose end has not come yet; no more of it than is shown. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #full = false;
  #cutLines = 0;

  constructor(range: LineRange) {
    this.#range = range;
  }

  /** Takes what was read next. Gives whether the page is full. */
  add(chunk: Buffer): boolean {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1 && !this.#full; end = chunk.indexOf(10, start)) {
      this.#take(chunk.subarray(start, end), true);
      start = end + 1;
    }
    if (!this.#full && start < chunk.length) this.#keep(chunk.subarray(start));
    return this.#full;
  }

  #keep(bytes: Buffer): void {
    const isShown = this.#line >= this.#range.offset;
    if (isShown && this.#pendingBytes < maxLineBytes) this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
  }

  finish(
    sizeBytes: number,
    whole: Buffer | undefined,
  ): Pick<LinePage, "text" | "shown" | "startLine" | "endLine" | "nextOffset" | "note" | "leftOut"> {
    if (!this.#full && this.#pendingBytes > 0) this.#take(Buffer.alloc(0), false);
    const startLine = this.#range.offset;
    const endLine = startLine + this.#lines.length - 1;
    const rest = Math.max(0, sizeBytes - this.#consumed);
    const nextOffset = rest > 0 ? endLine + 1 : null;
    const lines = whole === undefined ? null : countOfLines(whole.subarray(this.#consumed));
    const notes: string[] = [];
    if (this.#lines.length === 0) {
      notes.push(
        sizeBytes === 0 ? "the file is empty" : `the file has ${this.#line - 1} lines, none from ${startLine} on`,
      );
    }
    if (nextOffset !== null) {
      const inLines = lines === null ? "" : ` in ${lines} lines`;
      notes.push(`${rest} bytes${inLines} follow; go on with offset ${nextOffset}`);
    }
    if (this.#cutLines > 0) {
      notes.push(`${this.#cutLines} long lines were cut; byteOffset and maxBytes read all of them`);
    }
    return {
      text: this.#lines.join("\n"),
      shown: this.#shown(),
      startLine,
      endLine,
      nextOffset,
      note: notes.length === 0 ? "" : `[${notes.join("; ")}]`,
      leftOut: rest === 0 ? null : { bytes: rest, lines },
    };
  }

  #take(end: Buffer, terminated: boolean): void {
    const lineBytes = this.#pendingBytes + end.length;
    if (this.#line >= this.#range.offset && !this.#show(end, lineBytes)) {
      this.#full = true;
      return;
    }
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#line += 1;
    this.#consumed += lineBytes + (terminated ? 1 : 0);
    if (this.#lines.length >= this.#range.limit) this.#full = true;
  }

  /** Puts a line on the page; gives `false` when it does not fit. */
  #show(end: Buffer, lineBytes: number): boolean {
    const bytes = this.#pending.length === 0 ? end : Buffer.concat([...this.#pending, end]);
    const line = this.#render(bytes.subarray(0, maxLineBytes), lineBytes);
    const numberBytes = this.#range.lineNumbers ? `${this.#line}\t`.length : 0;
    const size = numberBytes + Buffer.byteLength(line) + 1;
    // The first line always comes, so that the next offset is never the same again.
    const fits = this.#bytes + size <= this.#range.maxBytes - frameBytes;
    if (!fits && this.#lines.length > 0) return false;
    this.#lines.push(line);
    this.#bytes += size;
    if (lineBytes > maxLineBytes) this.#cutLines += 1;
    return true;
  }

  #render(kept: Buffer, lineBytes: number): string {
    if (lineBytes <= kept.length) return kept.toString("utf8");
    const text = kept.toString("utf8", 0, completeLength(kept));
    return `${text} [... ${lineBytes - kept.length} bytes of this line left out ...]`;
  }

  #shown(): string {
    if (!this.#range.lineNumbers) return this.#lines.join("\n");
    const { offset } = this.#range;
    return this.#lines.map((line, index) => `${offset + index}\t${line}`).join("\n");
  }
}

/** Lines, a last one without an end among them. */
function countOfLines(bytes: Buffer): number {
  return countLines(bytes) + (bytes.length > 0 && bytes.at(-1) !== 10 ? 1 : 0);
}
