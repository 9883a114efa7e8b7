/** A line that was found. */
export interface GrepLine {
  /** The path under the start, in latin1; empty for the start itself. */
  readonly name: string;
  readonly line: number;
  readonly bytes: Buffer;
  readonly truncated: boolean;
}

/**
 * Reads what the search writes: a line `tree` or `file`; then `./name:line:text`, and for names that hold a colon or a line feed a header with the name,
 * lines of `line:text`, and an end.
 */
export class GrepLines {
  readonly #header: string;
  readonly #headerEnd: string;
  readonly #footer: string;
  readonly #maxLineBytes: number;
  #rest = "";
  #name: string | undefined;
  #kind: string | undefined;

  constructor(nonce: string, maxLineBytes: number) {
    this.#header = `${nonce} name `;
    this.#headerEnd = ` ${nonce}`;
    this.#footer = `${nonce} end`;
    this.#maxLineBytes = maxLineBytes;
  }

  /** Whether a single file was searched, and not a tree. */
  get isFile(): boolean {
    return this.#kind === "file";
  }

  *receive(chunk: Buffer): Generator<GrepLine, void, undefined> {
    this.#rest += chunk.toString("latin1");
    let start = 0;
    for (let end = this.#rest.indexOf("\n"); end !== -1; end = this.#rest.indexOf("\n", start)) {
      const text = this.#rest.slice(start, end);
      if (this.#kind === undefined) {
        this.#kind = text;
        start = end + 1;
        continue;
      }
      if (text.startsWith(this.#header)) {
        const nameEnd = this.#rest.indexOf(`${this.#headerEnd}\n`, start + this.#header.length);
        if (nameEnd === -1) break;
        this.#name = relative(this.#rest.slice(start + this.#header.length, nameEnd));
        start = nameEnd + this.#headerEnd.length + 1;
        continue;
      }
      start = end + 1;
      if (text === this.#footer) this.#name = undefined;
      else {
        const found = this.#line(text);
        if (found !== undefined) yield found;
      }
    }
    this.#rest = this.#rest.slice(start);
  }

  #line(text: string): GrepLine | undefined {
    const fields = this.#name === undefined ? /^(.*?):(\d+):/s.exec(text) : /^()(\d+):/.exec(text);
    if (fields === null) return undefined;
    const [head, name = "", line] = fields;
    const bytes = Buffer.from(text.slice(head.length), "latin1");
    return {
      name: this.#name ?? relative(name),
      line: Number(line),
      bytes: bytes.subarray(0, this.#maxLineBytes),
      truncated: bytes.length > this.#maxLineBytes,
    };
  }
}

function relative(name: string): string {
  return name.startsWith("./") ? name.slice(2) : name;
}
