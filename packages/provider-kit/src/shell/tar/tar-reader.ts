import { RunnerError } from "@mooring/api";
import { tarBlockBytes, type TarEntry, tarPadding } from "./tar-entry.js";

/** A header that says more about the entry after it may take so much. */
const longestExtension = 1_048_576;

/** An entry and its contents, which must be taken before the next entry. */
export interface TarItem {
  readonly entry: TarEntry;
  readonly contents: () => AsyncGenerator<Buffer, void, undefined>;
}

const types: Readonly<Record<string, TarEntry["type"]>> = {
  "0": "file",
  "\0": "file",
  "7": "file",
  "1": "hardlink",
  "2": "symlink",
  "5": "directory",
};

/** Reads ustar, pax and GNU archives, entry by entry. Rejects with `corrupt` for what is no archive or is cut off. */
export async function* readTar(source: AsyncIterator<Uint8Array>): AsyncGenerator<TarItem, void, undefined> {
  const bytes = new ByteSource(source);
  let extension: Map<string, string> = new Map();
  for (;;) {
    const block = await bytes.take(tarBlockBytes, true);
    if (block === undefined || block.every((byte) => byte === 0)) return;
    const header = readHeader(block);
    const { flag, sizeBytes } = header;
    if (flag === "x" || flag === "g" || flag === "L" || flag === "K") {
      if (sizeBytes > longestExtension) throw corrupt("has a header that is too long");
      const text = ((await bytes.take(sizeBytes)) ?? Buffer.alloc(0)).toString("latin1");
      await bytes.skip(tarPadding(sizeBytes));
      if (flag === "x") extension = new Map([...extension, ...readPax(text)]);
      if (flag === "L") extension.set("path", text.replace(/\0.*$/s, ""));
      if (flag === "K") extension.set("linkpath", text.replace(/\0.*$/s, ""));
      continue;
    }
    const entry = extended(header, extension);
    extension = new Map();
    let left = entry.sizeBytes;
    async function* contents(): AsyncGenerator<Buffer, void, undefined> {
      while (left > 0) {
        const chunk = await bytes.some(left);
        left -= chunk.length;
        yield chunk;
      }
    }
    yield { entry, contents };
    await bytes.skip(left + tarPadding(entry.sizeBytes));
  }
}

interface Header {
  readonly name: string;
  readonly flag: string;
  readonly mode: number;
  readonly sizeBytes: number;
  readonly modifiedAtSeconds: number;
  readonly target: string;
}

function readHeader(block: Buffer): Header {
  let sum = 0;
  for (const [index, byte] of block.entries()) sum += index >= 148 && index < 156 ? 32 : byte;
  if (sum !== readNumber(block, 148, 8)) throw corrupt("has a header whose checksum is wrong");
  const isUstar = block.toString("latin1", 257, 263) === "ustar\0";
  const prefix = isUstar ? readString(block, 345, 155) : "";
  const name = readString(block, 0, 100);
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    flag: String.fromCharCode(block[156] ?? 0),
    mode: readNumber(block, 100, 8),
    sizeBytes: readNumber(block, 124, 12),
    modifiedAtSeconds: readNumber(block, 136, 12),
    target: readString(block, 157, 100),
  };
}

function extended(header: Header, extension: ReadonlyMap<string, string>): TarEntry {
  const name = extension.get("path") ?? header.name;
  const known = types[header.flag] ?? "other";
  // Before there were directories, a name that ends in a slash was one.
  const type = known === "file" && name.endsWith("/") ? "directory" : known;
  const sizeBytes = Number(extension.get("size") ?? header.sizeBytes);
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) throw corrupt("has an entry whose size is none");
  const modified = Number(extension.get("mtime") ?? header.modifiedAtSeconds);
  return {
    name,
    type,
    mode: header.mode & 0o7777,
    sizeBytes: type === "file" || type === "other" ? sizeBytes : 0,
    modifiedAtSeconds: Number.isFinite(modified) ? Math.max(0, Math.floor(modified * 1_000) / 1_000) : 0,
    target: extension.get("linkpath") ?? header.target,
  };
}

function readPax(text: string): [string, string][] {
  const fields: [string, string][] = [];
  for (let at = 0; at < text.length;) {
    const space = text.indexOf(" ", at);
    const length = Number(text.slice(at, space));
    const equals = text.indexOf("=", space);
    if (space === -1 || !Number.isInteger(length) || length <= 0 || equals === -1 || equals >= at + length) {
      throw corrupt("has an extended header that cannot be read");
    }
    fields.push([text.slice(space + 1, equals), text.slice(equals + 1, at + length - 1)]);
    at += length;
  }
  return fields;
}

function readString(block: Buffer, start: number, length: number): string {
  const text = block.toString("latin1", start, start + length);
  const end = text.indexOf("\0");
  return end === -1 ? text : text.slice(0, end);
}

/** Octal digits, or GNU's big-endian number with the top bit set. */
function readNumber(block: Buffer, start: number, length: number): number {
  if (((block[start] ?? 0) & 0x80) !== 0) {
    let value = (block[start] ?? 0) & 0x7f;
    for (let index = start + 1; index < start + length; index++) value = value * 256 + (block[index] ?? 0);
    return value;
  }
  const text = readString(block, start, length).trim();
  if (text === "") return 0;
  if (!/^[0-7]+$/.test(text)) throw corrupt("has a header with a number that is none");
  return Number.parseInt(text, 8);
}

function corrupt(what: string): RunnerError {
  return new RunnerError("corrupt", `The archive ${what}`, { operation: "files.extract", retryable: false });
}

class ByteSource {
  readonly #source: AsyncIterator<Uint8Array>;
  #chunk: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterator<Uint8Array>) {
    this.#source = source;
  }

  /** Exactly so many; `undefined` where the archive ends and may. */
  async take(length: number, mayEnd = false): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      if (this.#chunk.length === 0 && !(await this.#fill())) {
        if (mayEnd && missing === length) return undefined;
        throw corrupt("is cut off");
      }
      const part = this.#chunk.subarray(0, missing);
      this.#chunk = this.#chunk.subarray(part.length);
      missing -= part.length;
      parts.push(part);
    }
    return Buffer.concat(parts);
  }

  /** At least one, at most so many. */
  async some(length: number): Promise<Buffer> {
    if (this.#chunk.length === 0 && !(await this.#fill())) throw corrupt("is cut off");
    const part = this.#chunk.subarray(0, length);
    this.#chunk = this.#chunk.subarray(part.length);
    return part;
  }

  async skip(length: number): Promise<void> {
    for (let left = length; left > 0;) left -= (await this.some(left)).length;
  }

  async #fill(): Promise<boolean> {
    for (;;) {
      const { done, value } = await this.#source.next();
      if (done === true) return false;
      if (!(value instanceof Uint8Array)) throw corrupt("is no stream of bytes");
      if (value.length === 0) continue;
      this.#chunk = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      return true;
    }
  }
}
