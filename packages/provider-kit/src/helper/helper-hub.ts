import { RunnerError } from "@mooring/api";
import type { TransportChannel, TransportProcess } from "../transport.js";
import type { Connection } from "./connection.js";
import { HubProcess } from "./hub-process.js";
import { readGreeting } from "../helper-boot.js";
import { startHelper } from "./start-helper.js";

/** How long a hub may say nothing before it counts as lost. Sessions mind their own helpers besides. */
const hubLeaseMs = 30_000;

export interface HubOptions {
  /** How long it may take until the hub answers. */
  readonly openTimeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A helper that forks helpers: over one process of the transport there may be as many sessions as one likes, and none of them has
 * to wait until its helper's program is there and compiled. For a channel's `startReady`.
 */
export class HelperHub {
  readonly #connection: Connection;
  /** Resolves when it is lost, and with it all that it started, without having been closed. */
  readonly lost: Promise<RunnerError>;

  private constructor(connection: Connection) {
    this.#connection = connection;
    this.lost = connection.lost;
  }

  /**
   * Starts a hub through a channel. Rejects with `not_found` where there is no Perl that can run it, with `unavailable` or `corrupt`
   * when what was started is none; nothing of it is left then.
   */
  static async start(channel: TransportChannel, { openTimeoutMs, signal }: HubOptions): Promise<HelperHub> {
    const started = await startHelper(
      { kind: channel.kind, spawn: (...call) => channel.spawn(...call) },
      { leaseMs: hubLeaseMs, openTimeoutMs, signal },
    );
    if ("absent" in started) throw started.absent;
    return new HelperHub(started.connection);
  }

  get isLost(): boolean {
    return this.#connection.failure !== undefined;
  }

  /** Starts a helper; `header` as `startReady` gets it. What becomes of it is told by its streams and its end alone. */
  startReady(header: string): TransportProcess {
    return new HubProcess(this.#connection, readGreeting(header));
  }

  /** Ends it, and with it the helpers that still run. */
  close(): void {
    this.#connection.close(new RunnerError("ended", "The hub was closed", { resource: "session", retryable: false }));
  }
}
