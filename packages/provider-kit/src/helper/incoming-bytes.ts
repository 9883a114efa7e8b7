import type { RunnerError } from "@mooring/api";
import type { Call } from "./call.js";
import type { Connection } from "./connection.js";
import { CreditWindow } from "./credit-window.js";
import { cancelledError } from "../async/abort.js";
import { outputChannel } from "./frame-types.js";
import { disconnectedError, helperError } from "./helper-error.js";
import type { HelperRecord } from "./record-reader.js";
import type { RequestWriter } from "./record-writer.js";
import type { RequestHandler } from "./request-handler.js";

const streamWindowBytes = 1_048_576;

/** What else a request has that answers with bytes: input of its own. */
export interface IncomingBytesHooks {
  onCredit(bytes: number): void;
  /** The request has ended, however it did. */
  onOver(): void;
}

/**
 * The answer of a request that sends bytes on channel 1, pulled: what nobody asked for yet waits on the far side once the
 * window is full. The request is over when `next` returned `undefined` or rejected.
 */
export class IncomingBytes implements RequestHandler {
  readonly #connection: Connection;
  readonly #call: Call;
  readonly #credit: CreditWindow;
  readonly #hooks: IncomingBytesHooks | undefined;
  readonly id: number;
  #pieces: Buffer[] = [];
  /** The stream has ended; the request may go on, as a connection does in its other direction. */
  #streamEnded = false;
  #waiting: { resolve: () => void }[] = [];
  #opened: (() => void)[] = [];
  #isOpen = false;
  #error: RunnerError | undefined;
  #onAbort: (() => void) | undefined;
  /** The RESULT's record, once the request is over. */
  result: HelperRecord | undefined;

  constructor(
    connection: Connection,
    description: Call,
    build: (writer: RequestWriter) => void,
    hooks?: IncomingBytesHooks,
  ) {
    this.#connection = connection;
    this.#hooks = hooks;
    this.#call = description;
    this.#credit = new CreditWindow(connection, outputChannel, streamWindowBytes);
    this.id = connection.request(
      description.op,
      (writer) => {
        build(writer);
        writer.field("credit", streamWindowBytes);
      },
      this,
    );
    this.#credit.id = this.id;
    const { signal } = description;
    if (signal !== undefined) {
      this.#onAbort = () => {
        this.#connection.abandon(this.id);
        this.#fail(cancelledError(signal, description.operation, "unknown"));
      };
      signal.addEventListener("abort", this.#onAbort, { once: true });
    }
  }

  /** Resolves at the first sign that the request is under way (a byte, an event or its end), rejects with its error. */
  async opened(): Promise<void> {
    if (!this.#isOpen && this.#error === undefined) {
      await new Promise<void>((resolve) => {
        this.#opened.push(resolve);
      });
    }
    if (this.#error !== undefined && !this.#isOpen) throw this.#error;
  }

  /** The next piece, or `undefined` at the end of a request that ended well. */
  async next(): Promise<Buffer | undefined> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) {
        this.#credit.grant(piece.length);
        return piece;
      }
      if (this.#error !== undefined) throw this.#error;
      if (this.result !== undefined || (this.#streamEnded && this.#hooks !== undefined)) return undefined;
      await new Promise<void>((resolve) => {
        this.#waiting.push({ resolve });
      });
    }
  }

  /** Nobody wants the rest. */
  stop(): void {
    if (this.result !== undefined || this.#error !== undefined) return;
    this.#connection.abandon(this.id);
    this.#pieces = [];
    this.#settle();
    this.result = new Map();
    this.#wake();
  }

  onData(channel: number, bytes: Buffer): void {
    if (channel !== outputChannel || this.result !== undefined || this.#error !== undefined) return;
    this.#credit.take(bytes.length);
    // Nothing has no place in what waits: it needs no credit, so it could come without end.
    if (bytes.length === 0) return;
    this.#pieces.push(bytes);
    this.#wake();
  }

  onEvent(): void {
    this.#wake();
  }

  onEnd(channel: number): void {
    if (channel !== outputChannel) return;
    this.#streamEnded = true;
    this.#wake();
  }

  onCredit(_channel: number, bytes: number): void {
    this.#hooks?.onCredit(bytes);
  }

  onResult(record: HelperRecord): void {
    this.#settle();
    this.result ??= record;
    this.#wake();
  }

  onError(record: HelperRecord): void {
    if (this.result === undefined) this.#fail(helperError(record, this.#call));
  }

  onLost(error: RunnerError): void {
    if (this.result === undefined) this.#fail(disconnectedError(error, this.#call, true));
  }

  #fail(error: RunnerError): void {
    this.#error ??= error;
    this.#settle();
    const opened = this.#opened;
    this.#opened = [];
    for (const resolve of opened) resolve();
    this.#wakeWaiting();
  }

  #settle(): void {
    this.#hooks?.onOver();
    if (this.#onAbort !== undefined) this.#call.signal?.removeEventListener("abort", this.#onAbort);
  }

  #wake(): void {
    this.#isOpen = true;
    const opened = this.#opened;
    this.#opened = [];
    for (const resolve of opened) resolve();
    this.#wakeWaiting();
  }

  #wakeWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { resolve } of waiting) resolve();
  }
}

/** A web stream over such an answer; cancelling it stops the request. */
export function streamOf(incoming: IncomingBytes): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const piece = await incoming.next();
        if (piece === undefined) controller.close();
        else controller.enqueue(piece);
      },
      cancel() {
        incoming.stop();
      },
    },
    { highWaterMark: 0 },
  );
}
