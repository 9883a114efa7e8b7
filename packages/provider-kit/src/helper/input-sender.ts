import { RunnerError } from "@mooring/api";
import type { Connection } from "./connection.js";
import { initialInputCredit, inputChannel, maxInlineBytes } from "./frame-types.js";

interface Waiting {
  bytes: Uint8Array;
  readonly resolve: () => void;
  readonly reject: (error: RunnerError) => void;
}

/** Sends bytes on a request's input channel, in order and within its credit. */
export class InputSender {
  readonly #connection: Connection;
  readonly #id: number;
  #credit = initialInputCredit;
  #queue: Waiting[] = [];
  #hasEnd = false;
  #endSent = false;
  #closedBy: RunnerError | undefined;
  /** Of the stream that is being sent, if one is. */
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;

  constructor(connection: Connection, id: number) {
    this.#connection = connection;
    this.#id = id;
  }

  /** Resolves when all of it was sent, which takes as long as the far side takes to make room. Not to be called after `end`. */
  send(bytes: Uint8Array): Promise<void> {
    if (this.#closedBy !== undefined) return Promise.reject(this.#closedBy);
    if (this.#hasEnd) return Promise.reject(new RunnerError("internal", "Input was given after its end"));
    if (this.#queue.length === 0 && bytes.length <= this.#credit) {
      this.#put(bytes);
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ bytes, resolve, reject });
      this.#advance();
    });
  }

  /** End of input, after what is still waiting. */
  end(): void {
    if (this.#closedBy !== undefined) return;
    this.#hasEnd = true;
    this.#advance();
  }

  /** The far side has made room. */
  grant(bytes: number): void {
    this.#credit += bytes;
    this.#advance();
  }

  /** Nothing more can be sent: what waits, and what comes, rejects. */
  close(error: RunnerError): void {
    this.#closedBy = error;
    // A source that has nothing more to say for now would be waited for in vain.
    this.#reader?.cancel(error).catch(() => undefined);
    const queue = this.#queue;
    this.#queue = [];
    for (const { reject } of queue) reject(error);
  }

  /** Sends a whole stream and its end. Rejects with what the stream failed with, or with why no more can be sent. */
  async pump(stream: ReadableStream<Uint8Array>, option: string): Promise<void> {
    const reader = stream.getReader();
    this.#reader = reader;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (this.#closedBy !== undefined) throw this.#closedBy;
        if (done) break;
        if (!(value instanceof Uint8Array)) {
          throw new RunnerError(
            "invalid_request",
            `Expected \`${option}\` to be a stream of Uint8Array, got a chunk of ${typeof value}`,
            {
              retryable: false,
            },
          );
        }
        if (value.length > 0) await this.send(value);
      }
      this.end();
    } catch (error) {
      await reader.cancel(error).catch(() => undefined);
      throw error;
    }
  }

  #advance(): void {
    for (;;) {
      const first = this.#queue[0];
      if (first === undefined || this.#credit === 0) break;
      const part = first.bytes.subarray(0, this.#credit);
      this.#put(part);
      first.bytes = first.bytes.subarray(part.length);
      if (first.bytes.length > 0) break;
      this.#queue.shift();
      first.resolve();
    }
    if (this.#queue.length > 0 || !this.#hasEnd || this.#endSent) return;
    this.#endSent = true;
    this.#connection.sendEnd(this.#id, inputChannel);
  }

  #put(bytes: Uint8Array): void {
    this.#credit -= bytes.length;
    for (let at = 0; at < bytes.length; at += maxInlineBytes) {
      // A copy: the bytes are the caller's again when the promise resolves, and may still be on their way out then.
      this.#connection.sendData(this.#id, inputChannel, Uint8Array.from(bytes.subarray(at, at + maxInlineBytes)));
    }
  }
}
