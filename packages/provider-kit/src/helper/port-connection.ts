import { type RunnerConnection, RunnerError } from "@mooring/api";
import { abortable } from "../async/abort.js";
import type { Call } from "./call.js";
import type { Connection } from "./connection.js";
import { IncomingBytes, streamOf } from "./incoming-bytes.js";
import { InputSender } from "./input-sender.js";

/** One TCP connection that the helper made. Each direction ends by itself. */
export class PortConnection implements RunnerConnection {
  readonly #incoming: IncomingBytes;
  #input: InputSender | undefined;
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  /** Resolves when the far side has accepted; rejects with `unavailable` when nothing listens. */
  readonly connected: Promise<void>;

  constructor(connection: Connection, port: number, signal: AbortSignal | undefined) {
    const description: Call = { op: "port.connect", operation: "ports.connect", resource: "port" };
    this.#incoming = new IncomingBytes(connection, description, (writer) => writer.field("port", port), {
      onCredit: (bytes) => this.#input?.grant(bytes),
      onOver: () =>
        this.#input?.close(
          new RunnerError("ended", "The connection is closed", {
            resource: "port",
            retryable: false,
            phase: "after_end",
          }),
        ),
    });
    const input = new InputSender(connection, this.#incoming.id);
    this.#input = input;
    // The signal is for the call; an open connection lives on when it is aborted later.
    this.connected = abortable(this.#incoming.opened(), signal, "ports.connect", () => this.#incoming.stop());
    this.readable = streamOf(this.#incoming);
    this.writable = new WritableStream<Uint8Array>({
      write: (bytes) => input.send(bytes),
      close: () => input.end(),
      abort: () => this.#incoming.stop(),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#incoming.stop();
  }
}
