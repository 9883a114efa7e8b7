import type { Duplex } from "node:stream";
import { RunnerError } from "@mooring/api";
import type { RunnerTransport } from "../transport.js";

/** Nothing listens there, as a rule; whether it can be asked at all is what matters. */
const probedPort = 1;

/** The transport's own way to ports, for as long as the place lets it have one. Its streams end with the session. */
export class TransportDialler {
  readonly #transport: Pick<RunnerTransport, "openTcp">;
  readonly #streams = new Set<Duplex>();
  #isRefused = false;
  #isClosed = false;

  constructor(transport: Pick<RunnerTransport, "openTcp">) {
    this.#transport = transport;
  }

  /** Whether it may be tried. */
  get isOpen(): boolean {
    return !this.#isRefused && this.#transport.openTcp !== undefined;
  }

  /** Whether the place passes connections on. */
  async probe(): Promise<boolean> {
    const stream = await this.dial(probedPort, undefined).catch(() => undefined);
    stream?.destroy();
    return this.isOpen;
  }

  /** A stream to the port, or `undefined` when the place passes no connections on. Rejects as `ports.connect` does. */
  async dial(port: number, signal: AbortSignal | undefined): Promise<Duplex | undefined> {
    if (!this.isOpen) return undefined;
    let stream: Duplex | undefined;
    try {
      stream = await this.#transport.openTcp?.(port, signal === undefined ? {} : { signal });
    } catch (error) {
      if (!RunnerError.is(error) || error.code !== "unsupported") throw error;
      this.#isRefused = true;
    }
    if (stream === undefined) return undefined;
    const dialled = stream;
    this.#streams.add(dialled);
    dialled.once("close", () => this.#streams.delete(dialled));
    if (this.#isClosed) dialled.destroy();
    return dialled;
  }

  close(): void {
    this.#isClosed = true;
    for (const stream of this.#streams) stream.destroy();
  }
}
