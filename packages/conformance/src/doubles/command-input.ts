import type { RunnerCommandStdin } from "@mooring/api";
import { failure } from "./failure.js";
import { bytesOf } from "./text-bytes.js";

/** A command's standard input: a queue that its writer fills and the program empties. */
export class CommandInput implements AsyncIterable<Uint8Array> {
  #queue: Uint8Array[] = [];
  #ended = false;
  #waiting: (() => void)[] = [];

  constructor(stdin: RunnerCommandStdin) {
    if (stdin === "pipe") return;
    if (stdin === "none") this.end();
    else if (stdin instanceof ReadableStream) void this.#fill(stdin);
    else {
      this.#queue.push(stdin instanceof Uint8Array ? stdin.slice() : bytesOf(stdin.text));
      this.end();
    }
  }

  write(data: string | Uint8Array): void {
    if (this.#ended) {
      throw failure("ended", "Expected an open standard input, its end was sent already", {
        operation: "command.write",
        resource: "command",
      });
    }
    this.#queue.push(bytesOf(data).slice());
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    while (true) {
      const chunk = this.#queue.shift();
      if (chunk !== undefined) yield chunk;
      else if (this.#ended) return;
      else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** A source that fails ends the input where it failed; the program sees an end of file. */
  async #fill(source: ReadableStream<Uint8Array>): Promise<void> {
    try {
      for await (const chunk of source) this.write(chunk);
    } catch {
      // The program sees the end of what arrived.
    } finally {
      this.end();
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
