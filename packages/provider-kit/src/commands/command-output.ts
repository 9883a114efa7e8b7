import { RunnerError, type RunnerOutputChunk, type RunnerOutputStream } from "@mooring/api";
import type { OutputStore } from "./output-store.js";
import { RetainedOutput } from "./retained-output.js";
import { StreamedOutput } from "./streamed-output.js";

const streams = ["stdout", "stderr"] as const;
const viewChunkBytes = 262_144;

/** How a command's output is held, and where it starts. */
export interface CommandOutputOptions {
  readonly mode: "retain" | "stream";
  readonly maxOutputBytes: number;
  readonly grantCredit: (stream: RunnerOutputStream, bytes: number) => void;
  /** Where each stream begins: more than 0 for a command that was attached to past its beginning. */
  readonly start?: { readonly stdout: number; readonly stderr: number };
}

/** Both output streams of one command: what feeds them, and the views that follow them. */
export class CommandOutput {
  readonly #options: CommandOutputOptions;
  readonly #stores: Record<RunnerOutputStream, OutputStore>;
  readonly #ended: Record<RunnerOutputStream, boolean> = { stdout: false, stderr: false };
  #waiters: (() => void)[] = [];

  constructor(options: CommandOutputOptions) {
    this.#options = options;
    this.#stores = { stdout: this.#newStore("stdout"), stderr: this.#newStore("stderr") };
  }

  #newStore(stream: RunnerOutputStream): OutputStore {
    const { mode, maxOutputBytes, grantCredit, start } = this.#options;
    return mode === "retain"
      ? new RetainedOutput(maxOutputBytes, start?.[stream])
      : new StreamedOutput((bytes) => grantCredit(stream, bytes), start?.[stream]);
  }

  store(stream: RunnerOutputStream): OutputStore {
    return this.#stores[stream];
  }

  hasEnded(stream: RunnerOutputStream): boolean {
    return this.#ended[stream];
  }

  receive(stream: RunnerOutputStream, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#stores[stream].append(bytes)) this.#options.grantCredit(stream, bytes.length);
    this.#wake();
  }

  /** So many bytes of the stream were written and will never come. */
  skip(stream: RunnerOutputStream, bytes: number): void {
    this.#stores[stream].skip(bytes);
    this.#wake();
  }

  end(stream: RunnerOutputStream): void {
    this.#ended[stream] = true;
    this.#wake();
  }

  /** Resolves at the next byte or end of either stream. */
  changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
    });
  }

  #wake(): void {
    if (this.#waiters.length === 0) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }

  /** The streams, whichever has something next, from the beginning of what is kept. */
  chunks(): AsyncIterable<RunnerOutputChunk> {
    this.#claim(streams);
    return { [Symbol.asyncIterator]: () => this.#follow(streams) };
  }

  stream(name: RunnerOutputStream): ReadableStream<Uint8Array> {
    this.#claim([name]);
    const chunks = this.#follow([name]);
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const next = await chunks.next();
          if (next.done === true) controller.close();
          else controller.enqueue(next.value.bytes);
        },
        async cancel() {
          await chunks.return?.();
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Drops what no view has taken, now and from now on. */
  discardUntaken(): void {
    for (const name of streams) {
      const store = this.#stores[name];
      if (store instanceof StreamedOutput && !store.taken) store.discard();
    }
  }

  #claim(names: readonly RunnerOutputStream[]): void {
    for (const name of names) {
      const store = this.#stores[name];
      if (store instanceof StreamedOutput && store.taken) {
        throw new RunnerError(
          "invalid_request",
          `Expected one view of each stream of a command with \`output\` "stream", got a second view of ${name}`,
          { resource: "command", retryable: false },
        );
      }
    }
    for (const name of names) {
      const store = this.#stores[name];
      if (store instanceof StreamedOutput) store.taken = true;
    }
  }

  #release(names: readonly RunnerOutputStream[]): void {
    for (const name of names) {
      const store = this.#stores[name];
      if (store instanceof StreamedOutput) store.discard();
    }
  }

  #follow(names: readonly RunnerOutputStream[]): AsyncIterator<RunnerOutputChunk> {
    const positions: Record<RunnerOutputStream, number> = { stdout: 0, stderr: 0 };
    let finished = false;
    const step = (): RunnerOutputChunk | "wait" | "end" => {
      for (const stream of names) {
        const piece = this.#stores[stream].take(positions[stream], viewChunkBytes);
        if (piece === undefined) continue;
        positions[stream] = piece.offset + piece.bytes.length;
        return { stream, ...piece };
      }
      return names.every((stream) => this.#ended[stream]) ? "end" : "wait";
    };
    return {
      next: async () => {
        for (;;) {
          const found = finished ? "end" : step();
          if (found === "end") return { done: true, value: undefined };
          if (found !== "wait") return { done: false, value: found };
          await this.changed();
        }
      },
      return: async () => {
        finished = true;
        this.#release(names);
        this.#wake();
        return { done: true, value: undefined };
      },
    };
  }
}
