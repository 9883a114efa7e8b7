/** Splits what a script wrote before and in its marker line from the bytes of the program that it became. */
export class MarkedStream {
  readonly #marker: string;
  readonly #deliver: (bytes: Buffer) => void;
  #pending: Buffer | undefined = Buffer.alloc(0);
  readonly #found: (rest: string) => void;

  constructor(marker: string, found: (rest: string) => void, deliver: (bytes: Buffer) => void) {
    this.#marker = marker;
    this.#found = found;
    this.#deliver = deliver;
  }

  /** What came while the marker had not: words of the shell. Latin1. */
  get noise(): string {
    return this.#pending?.toString("latin1") ?? "";
  }

  receive(chunk: Buffer): void {
    if (this.#pending === undefined) {
      this.#deliver(chunk);
      return;
    }
    this.#pending = Buffer.concat([this.#pending, chunk]);
    const start = this.#pending.indexOf(this.#marker);
    const end = start === -1 ? -1 : this.#pending.indexOf("\n", start);
    if (end === -1) {
      // A login shell may greet; whoever greets without end is cut short.
      if (this.#pending.length > 131_072) this.#pending = Buffer.from(this.#pending.subarray(-65_536));
      return;
    }
    const rest = this.#pending.toString("latin1", start + this.#marker.length, end);
    const bytes = this.#pending.subarray(end + 1);
    this.#pending = undefined;
    this.#found(rest);
    if (bytes.length > 0) this.#deliver(bytes);
  }
}
