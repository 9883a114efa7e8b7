import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { RunnerError } from "@mooring/api";
import { unsupported } from "@mooring/provider-kit";
import type { Client, ClientChannel } from "ssh2";
import { TcpChannel } from "../channel/tcp-channel.js";
import { askNowAndThen } from "./keepalive.js";
import { Liveness } from "./liveness.js";
import { connectError, disconnectedError } from "./native-error.js";

/** The server would not open one more channel. */
export interface ChannelRefused {
  readonly refusedReason: number;
}

/** RFC 4254, section 5.1. */
export const openFailure = { prohibited: 1, connectFailed: 2, unknownType: 3, shortage: 4 } as const;

/** How long the other side has to take our last words. */
const farewellMs = 500;

interface Opening<Made> {
  /** For messages. */
  readonly what: string;
  readonly timeoutMs: number;
  start(done: OpenCallback): void;
  made(channel: ClientChannel): Made;
  failure(error: Error & { readonly reason?: number | string }): unknown;
}

type OpenCallback = (
  error: (Error & { readonly reason?: number | string }) | undefined,
  channel: ClientChannel,
) => void;

/** A connection that is logged in. Every call on it settles: by its answer, its deadline, or the end of the connection. */
export class SshConnection {
  readonly where: string;
  readonly #client: Client;
  readonly #stream: Duplex;
  readonly #liveness: Liveness;
  readonly #stopAsking: () => void;
  /** Of a connection through another one: called when it begins or ceases to keep the program from ending. */
  onHold: ((isHeld: boolean) => void) | undefined;
  #isHeld = true;
  readonly #listeners = new Set<(error: RunnerError) => void>();
  #over: RunnerError | undefined;

  constructor(client: Client, stream: Duplex, where: string, keepaliveIntervalMs: number) {
    this.where = where;
    this.#client = client;
    this.#stream = stream;
    this.#liveness = new Liveness(keepaliveIntervalMs, () => {
      this.#end("it has been silent for too long");
      this.#stream.destroy();
    });
    this.#stopAsking = askNowAndThen(client, keepaliveIntervalMs);
    stream.on("data", () => this.#liveness.heard());
    stream.on("close", () => this.#end("it was closed"));
    client.on("close", () => this.#end("it was closed"));
    client.on("error", (error) => this.#end(error.message, error));
    if (stream.destroyed) this.#end("it was closed");
  }

  get isOver(): boolean {
    return this.#over !== undefined;
  }

  /** Calls the listener once, when it is over, by whomever; at once if it is over already. Returns what takes it back. */
  onEnd(listener: (error: RunnerError) => void): () => void {
    if (this.#over !== undefined) {
      listener(this.#over);
      return () => undefined;
    }
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whether it keeps the program from ending. */
  hold(isHeld: boolean): void {
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    if (!(this.#stream instanceof Socket)) this.onHold?.(isHeld);
    else if (isHeld) this.#stream.ref();
    else this.#stream.unref();
  }

  /**
   * Starts a command line. `made` gets its channel at once: what ends it may be in the very bytes that began it. Rejects with
   * `ChannelRefused` when there are too many already.
   */
  execute<Made>(line: string, timeoutMs: number, made: (channel: ClientChannel) => Made): Promise<Made> {
    return this.#open({
      what: "starting a command",
      timeoutMs,
      start: (done) => this.#client.exec(line, done),
      made,
      failure: (error) =>
        typeof error.reason === "number" || typeof error.reason === "string"
          ? refused(error)
          : unsupported(`${this.where} does not run commands for this login`, {
              provider: "ssh",
              resource: "session",
              cause: error,
            }),
    });
  }

  /** Dials from there. Rejects with `ChannelRefused`, whose reason tells who did not want. */
  forward(host: string, port: number, timeoutMs: number): Promise<TcpChannel> {
    return this.#open({
      what: "passing a connection on",
      timeoutMs,
      start: (done) => this.#client.forwardOut("127.0.0.1", 0, host, port, done as never),
      made: (channel) => new TcpChannel(channel),
      failure: refused,
    });
  }

  close(): void {
    this.#end("we closed it");
  }

  #open<Made>(opening: Opening<Made>): Promise<Made> {
    const { what, timeoutMs } = opening;
    return new Promise((resolve, reject) => {
      if (this.#over !== undefined) return reject(this.#over);
      let isSettled = false;
      const settle = (decide: () => void): void => {
        isSettled = true;
        clearTimeout(timer);
        this.#listeners.delete(onOver);
        decide();
      };
      const timer = setTimeout(
        () =>
          settle(() => reject(connectError("unavailable", `${this.where}: ${what} took longer than ${timeoutMs} ms`))),
        timeoutMs,
      );
      const onOver = (error: RunnerError): void => settle(() => reject(error));
      this.#listeners.add(onOver);
      try {
        opening.start((error, channel) => {
          if (isSettled) {
            if (error === undefined) discard(channel);
          } else if (this.#over !== undefined) {
            const over = this.#over;
            settle(() => reject(over));
          } else if (error) {
            settle(() => reject(opening.failure(error)));
          } else {
            settle(() => resolve(opening.made(channel)));
          }
        });
      } catch (error) {
        settle(() => reject(this.#over ?? disconnectedError(this.where, "it takes no more requests", error)));
      }
    });
  }

  #end(how: string, cause?: unknown): void {
    if (this.#over !== undefined) return;
    this.#over = disconnectedError(this.where, how, cause);
    this.#liveness.stop();
    this.#stopAsking();
    this.#client.end();
    // What was written last still leaves, if the other side takes it in time.
    if (this.#stream instanceof Socket) this.#stream.destroySoon();
    setTimeout(() => this.#stream.destroy(), farewellMs).unref();
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener(this.#over);
  }
}

function refused(error: Error & { readonly reason?: number | string }): ChannelRefused {
  return { refusedReason: typeof error.reason === "number" ? error.reason : openFailure.shortage };
}

export function isRefused(error: unknown): error is ChannelRefused {
  return typeof error === "object" && error !== null && "refusedReason" in error;
}

function discard(channel: ClientChannel): void {
  channel.on("error", () => undefined);
  channel.stderr.resume();
  channel.resume();
  channel.close();
}
