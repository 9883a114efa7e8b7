import { Duplex } from "node:stream";
import type { ClientChannel } from "ssh2";

/**
 * A channel as a stream that keeps a stream's promises: every write is answered, the end of the connection is an end here, and a
 * reader that waits makes the other side wait.
 */
export class TcpChannel extends Duplex {
  readonly #channel: ClientChannel;
  #pending: ((error?: Error | null) => void) | undefined;

  constructor(channel: ClientChannel) {
    super({ allowHalfOpen: true });
    this.#channel = channel;
    channel.on("error", () => this.destroy());
    channel.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) channel.pause();
    });
    channel.on("end", () => this.push(null));
    channel.on("close", () => {
      const pending = this.#pending;
      this.#pending = undefined;
      if (pending !== undefined || !this.writableEnded) this.destroy();
      pending?.(new Error("The channel was closed"));
    });
    channel.stderr.resume();
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#send(chunk, done);
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#channel.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const pending = this.#pending;
    this.#pending = undefined;
    // What nobody reads any more must not keep the channel open.
    this.#channel.resume();
    this.#channel.close();
    pending?.(new Error("The channel was closed"));
    done(error);
  }

  #send(bytes: Buffer, done: (error?: Error | null) => void): void {
    this.#pending = done;
    this.#channel.write(bytes, (error?: Error | null) => {
      if (this.#pending !== done) return;
      this.#pending = undefined;
      done(error);
    });
  }
}
