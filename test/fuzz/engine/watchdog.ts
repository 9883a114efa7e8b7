import { Worker } from "node:worker_threads";
import { corpusFolder } from "./corpus.js";
import type { EncodedInput } from "./fuzz-target.js";

const longestInput = 1_048_576;
/** Positions in the shared head: when the input under way began (0: none is), how long it is, and how long its target's name. */
const [startedAt, inputLength, nameLength] = [0, 1, 2] as const;
const headBytes = 24;
const nameBytes = 256;

/**
 * Sees from a thread of its own to inputs that never come to an end. Such a one is written to the corpus, and the process
 * is killed, as nothing else could stop it.
 */
export class Watchdog implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #head: Float64Array;
  readonly #name: Uint8Array;
  readonly #input: Uint8Array;

  constructor(limitMs: number) {
    const memory = new SharedArrayBuffer(headBytes + nameBytes + longestInput);
    this.#head = new Float64Array(memory, 0, 3);
    this.#name = new Uint8Array(memory, headBytes, nameBytes);
    this.#input = new Uint8Array(memory, headBytes + nameBytes, longestInput);
    this.#worker = new Worker(new URL("./watchdog-thread.mjs", import.meta.url), {
      workerData: { memory, folder: corpusFolder, limitMs, headBytes, nameBytes },
      execArgv: [],
    });
    this.#worker.unref();
  }

  begin(target: string, input: EncodedInput): void {
    const name = Buffer.from(target).subarray(0, nameBytes);
    const kept = input.subarray(0, longestInput);
    this.#name.set(name);
    this.#input.set(kept);
    this.#head[nameLength] = name.length;
    this.#head[inputLength] = kept.length;
    this.#head[startedAt] = Date.now();
  }

  end(): void {
    this.#head[startedAt] = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}
