import { RunnerError } from "@mooring/api";

/** Cuts a stream of bytes into records that end with a mark which cannot be in them. Records are latin1. */
export async function* recordsEndingWith(
  chunks: AsyncIterable<Buffer>,
  mark: string,
): AsyncGenerator<string, void, undefined> {
  let rest = "";
  for await (const chunk of chunks) {
    const searched = Math.max(0, rest.length - mark.length);
    rest += chunk.toString("latin1");
    let start = 0;
    for (let end = rest.indexOf(mark, searched); end !== -1; end = rest.indexOf(mark, start)) {
      yield rest.slice(start, end);
      start = end + mark.length;
    }
    rest = rest.slice(start);
  }
  if (rest !== "") throw corruptAnswer("a record that has no end");
}

/** Takes one record from the front of a stream and leaves the rest of it. */
export class FrontedStream {
  readonly #chunks: AsyncIterator<Buffer, void, undefined>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncGenerator<Buffer, void, undefined>) {
    this.#chunks = chunks;
  }

  /** The bytes before the mark, as latin1. */
  async record(mark: string): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf(mark, 0, "latin1");
      if (end !== -1) {
        const record = this.#rest.toString("latin1", 0, end);
        this.#rest = this.#rest.subarray(end + mark.length);
        return record;
      }
      const { done, value } = await this.#chunks.next();
      if (done === true) throw corruptAnswer("an answer that is too short");
      this.#rest = Buffer.concat([this.#rest, value]);
    }
  }

  /** What follows; `undefined` at the end. */
  async next(): Promise<Buffer | undefined> {
    if (this.#rest.length > 0) {
      const bytes = this.#rest;
      this.#rest = Buffer.alloc(0);
      return bytes;
    }
    const { done, value } = await this.#chunks.next();
    return done === true ? undefined : value;
  }

  async stop(): Promise<void> {
    await this.#chunks.return?.();
  }
}

/** The far side said something that cannot be. */
export function corruptAnswer(what: string): RunnerError {
  return new RunnerError("corrupt", `The shell on the far side gave ${what}`, { retryable: false });
}
