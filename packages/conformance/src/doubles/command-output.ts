import type {
  RunnerDroppedRange,
  RunnerOutput,
  RunnerOutputChunk,
  RunnerOutputCursor,
  RunnerOutputPage,
  RunnerOutputStream,
} from "@mooring/api";
import { failure } from "./failure.js";
import { RetainedStream } from "./retained-stream.js";

const streams = ["stdout", "stderr"] as const satisfies readonly RunnerOutputStream[];

/** What a command wrote, kept or passed on. */
export interface CommandOutput {
  /** Resolves when there is room for more. */
  push(stream: RunnerOutputStream, bytes: Uint8Array): Promise<void>;
  end(): void;
  read(
    cursor: RunnerOutputCursor,
    options: { readonly maxBytes: number; readonly waitMs: number },
  ): Promise<RunnerOutputPage>;
  view(only?: RunnerOutputStream): AsyncIterable<RunnerOutputChunk>;
  /** Nobody will take a view any more: what is under way is dropped. */
  drain(): void;
  kept(stream: RunnerOutputStream): RunnerOutput;
}

/** Keeps the head and the tail of each stream, for any number of readers. */
export class RetainedOutput implements CommandOutput {
  readonly #streams: Record<RunnerOutputStream, RetainedStream>;
  #ended = false;
  #waiting: (() => void)[] = [];

  constructor(maxBytes: number) {
    this.#streams = { stdout: new RetainedStream(maxBytes), stderr: new RetainedStream(maxBytes) };
  }

  async push(stream: RunnerOutputStream, bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    this.#streams[stream].push(bytes);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  drain(): void {}

  kept(stream: RunnerOutputStream): RunnerOutput {
    return this.#streams[stream].output();
  }

  async read(
    cursor: RunnerOutputCursor,
    options: { readonly maxBytes: number; readonly waitMs: number },
  ): Promise<RunnerOutputPage> {
    const page = this.#page(cursor, options.maxBytes, streams);
    if (page.chunks.length > 0 || page.ended || options.waitMs === 0) return page;
    let timer: NodeJS.Timeout | undefined;
    const elapsed = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, options.waitMs);
    });
    await Promise.race([this.#changed(), elapsed]);
    clearTimeout(timer);
    return this.#page(cursor, options.maxBytes, streams);
  }

  async *view(only?: RunnerOutputStream): AsyncGenerator<RunnerOutputChunk> {
    const wanted = only === undefined ? streams : [only];
    let cursor: RunnerOutputCursor = { stdout: 0, stderr: 0 };
    while (true) {
      const page = this.#page(cursor, Number.POSITIVE_INFINITY, wanted);
      yield* page.chunks;
      cursor = page.cursor;
      if (page.ended) return;
      if (page.chunks.length === 0) await this.#changed();
    }
  }

  #page(from: RunnerOutputCursor, maxBytes: number, wanted: readonly RunnerOutputStream[]): RunnerOutputPage {
    const chunks: RunnerOutputChunk[] = [];
    const dropped: RunnerDroppedRange[] = [];
    const cursor = { stdout: from.stdout, stderr: from.stderr };
    let room = maxBytes;
    for (const stream of wanted) {
      while (room > 0) {
        const piece = this.#streams[stream].pieceAt(cursor[stream], room);
        if (piece === undefined) break;
        if (piece.offset > cursor[stream]) {
          dropped.push({ stream, offset: cursor[stream], end: piece.offset });
        }
        chunks.push({ stream, ...piece });
        cursor[stream] = piece.offset + piece.bytes.length;
        room -= piece.bytes.length;
      }
    }
    const complete = wanted.every((stream) => cursor[stream] >= this.#streams[stream].totalBytes);
    return { chunks, cursor, dropped, ended: this.#ended && complete };
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** How much a streamed command may be ahead of its reader. */
const streamWindowBytes = 65_536;

/** Keeps nothing: a chunk waits for its reader, and the command waits with it. */
export class StreamedOutput implements CommandOutput {
  readonly #queues: Record<RunnerOutputStream, RunnerOutputChunk[]> = { stdout: [], stderr: [] };
  readonly #totals: Record<RunnerOutputStream, number> = { stdout: 0, stderr: 0 };
  readonly #taken = new Set<RunnerOutputStream>();
  readonly #followed = new Set<RunnerOutputStream>();
  #drained = false;
  #ended = false;
  #waiting: (() => void)[] = [];

  async push(stream: RunnerOutputStream, bytes: Uint8Array): Promise<void> {
    const offset = this.#totals[stream];
    this.#totals[stream] += bytes.length;
    if (bytes.length === 0 || this.#discards(stream)) return;
    this.#queues[stream].push({ stream, offset, bytes: bytes.slice() });
    this.#wake();
    while (this.#queued(stream) > streamWindowBytes && !this.#ended) await this.#changed();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  drain(): void {
    this.#drained = true;
    for (const stream of streams) if (this.#discards(stream)) this.#queues[stream] = [];
    this.#wake();
  }

  kept(stream: RunnerOutputStream): RunnerOutput {
    const totalBytes = this.#totals[stream];
    return {
      bytes: new Uint8Array(),
      text: () => "",
      totalBytes,
      droppedBytes: totalBytes,
      truncated: totalBytes > 0,
      headBytes: 0,
    };
  }

  async read(): Promise<RunnerOutputPage> {
    throw failure("invalid_request", 'Expected `output: "retain"` for `read`, got "stream"', {
      operation: "command.read",
      resource: "command",
    });
  }

  view(only?: RunnerOutputStream): AsyncIterable<RunnerOutputChunk> {
    const wanted = only === undefined ? streams : [only];
    if (wanted.some((stream) => this.#taken.has(stream))) {
      throw failure("invalid_request", "Expected one view of a streamed command, got a second", {
        operation: "command.output",
        resource: "command",
      });
    }
    for (const stream of wanted) {
      this.#taken.add(stream);
      this.#followed.add(stream);
    }
    return this.#follow(wanted);
  }

  async *#follow(wanted: readonly RunnerOutputStream[]): AsyncGenerator<RunnerOutputChunk> {
    try {
      while (true) {
        const stream = wanted.find((name) => this.#queues[name].length > 0);
        if (stream !== undefined) {
          yield this.#queues[stream].shift() as RunnerOutputChunk;
          this.#wake();
        } else if (this.#ended) {
          return;
        } else {
          await this.#changed();
        }
      }
    } finally {
      for (const stream of wanted) this.#followed.delete(stream);
      this.drain();
    }
  }

  #discards(stream: RunnerOutputStream): boolean {
    return this.#drained && !this.#followed.has(stream);
  }

  #queued(stream: RunnerOutputStream): number {
    return this.#queues[stream].reduce((sum, chunk) => sum + chunk.bytes.length, 0);
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
