import { Readable, Writable } from "node:stream";
import type { ClientChannel } from "ssh2";

/** Smaller writes that come together leave in one packet. */
const joinedBytes = 65_536;

/** What a channel says, as a stream that closes when all was read, and lets go of the channel when nobody reads on. */
export class ChannelOutput extends Readable {
  readonly #source: Readable;

  constructor(source: Readable, onBytes?: (chunk: Buffer) => void) {
    super();
    this.#source = source;
    source.on("error", () => undefined);
    source.on("data", (chunk: Buffer) => {
      onBytes?.(chunk);
      if (!this.destroyed && !this.push(chunk)) source.pause();
    });
    source.on("end", () => this.push(null));
  }

  override _read(): void {
    this.#source.resume();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#source.resume();
    done(error);
  }
}

/** What a channel hears. A write that the end of the channel overtakes fails: the library would not answer it at all. */
export class ChannelInput extends Writable {
  readonly #channel: ClientChannel;
  #pending: ((error?: Error | null) => void) | undefined;
  #isClosed = false;

  constructor(channel: ClientChannel) {
    super({ highWaterMark: joinedBytes });
    this.#channel = channel;
    channel.on("close", () => this.channelClosed());
  }

  /** To be told when the connection is over, which the library does not always pass on. */
  channelClosed(): void {
    this.#isClosed = true;
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.(closedError());
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#isClosed) return done(closedError());
    this.#pending = done;
    this.#channel.write(chunk, (error?: Error | null) => {
      if (this.#pending !== done) return;
      this.#pending = undefined;
      done(error);
    });
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: (error?: Error | null) => void): void {
    const sum = chunks.reduce((bytes, { chunk }) => bytes + chunk.length, 0);
    if (sum <= joinedBytes)
      return this._write(
        Buffer.concat(
          chunks.map(({ chunk }) => chunk),
          sum,
        ),
        "binary",
        done,
      );
    const last = chunks.length - 1;
    for (const [index, { chunk }] of chunks.entries()) {
      if (index === last) this._write(chunk, "binary", done);
      else this.#channel.write(chunk);
    }
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#channel.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#channel.end();
    done(error);
  }
}

function closedError(): Error {
  return Object.assign(new Error("The channel was closed"), { code: "EPIPE" });
}
