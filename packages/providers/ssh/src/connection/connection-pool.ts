import { RunnerError } from "@mooring/api";
import { type TransportProcess, unsupported } from "@mooring/provider-kit";
import { channelProcess } from "../channel/channel-process.js";
import { commandLine } from "../channel/command-line.js";
import type { SshHop, SshRoute } from "../openssh/ssh-hop.js";
import { ConnectionHub } from "./connection-hub.js";
import { openConnection, type OpenOptions } from "./open-connection.js";
import { PooledConnection } from "./pooled-connection.js";
import { isRefused, type SshConnection } from "./ssh-connection.js";

/** How long a server may take to open the hub's channel. */
const hubChannelMs = 10_000;

/** A route, with what opening it needs. Whoever has another key gets other connections. */
export interface PoolTarget extends Omit<OpenOptions, "connectTimeoutMs" | "keepaliveIntervalMs"> {
  readonly route: SshRoute;
  /** Tells apart who may not share a login: another host program may have other secrets under the same names. */
  readonly owner: string;
}

export interface ExecuteOptions {
  /** How long the server may take to start it. */
  readonly timeoutMs: number;
  /** Sees what the command writes. */
  onOutput?(this: void, chunk: Buffer): void;
}

/** A place for one command on a connection that is there. */
export interface CommandPlace {
  readonly connection: SshConnection;
  /** Whether the connection was there before. */
  readonly wasKept: boolean;
  /** Starts it in a channel; the place is given up with the channel. */
  execute(line: string, options: ExecuteOptions): Promise<TransportProcess>;
  /** Gives it up unused. */
  release(): void;
}

/** A place for one session on a connection that is there. */
export type SessionPlace = CommandPlace | HubPlace;

/** A place for a session that needs no channel of its own. */
export interface HubPlace extends Pick<CommandPlace, "connection" | "release"> {
  /** Starts a helper through the connection's hub; the place is given up with it, or when it cannot be started. */
  startReady(header: string): Promise<TransportProcess>;
}

/** Connections by where they lead to, shared by all sessions there. */
export class ConnectionPool {
  readonly #idleMs: number;
  readonly #connections = new Map<string, Set<PooledConnection>>();

  constructor(idleMs: number) {
    this.#idleMs = idleMs;
  }

  /** Logs in, or finds that it is logged in. */
  async check(target: PoolTarget): Promise<void> {
    const pooled = this.#any(target) ?? this.#open(target);
    const release = pooled.hold();
    try {
      await pooled.ready;
    } finally {
      release();
    }
  }

  /** A place for a session: through the hub of a connection that has some already, else as for a command. */
  async sessionPlace(target: PoolTarget): Promise<SessionPlace> {
    const pooled = [...this.#set(target)].find(({ prefersHub }) => prefersHub);
    if (pooled === undefined) return this.place(target);
    const release = pooled.hold();
    try {
      const connection = await pooled.ready;
      return {
        connection,
        release,
        startReady: async (header) => {
          try {
            const process = await pooled.hub.startReady(header);
            void process.exited.then(release);
            return process;
          } catch (error) {
            release();
            throw error;
          }
        },
      };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** A place for a command, on the fullest connection that has one, else on a new connection. */
  async place(target: PoolTarget): Promise<CommandPlace> {
    const pooled = this.#withRoom(target) ?? this.#open(target);
    return this.#placeOn(pooled, pooled.takeCommand());
  }

  async #placeOn(pooled: PooledConnection, release: () => void): Promise<CommandPlace> {
    const wasKept = pooled.isReady;
    try {
      const connection = await pooled.ready;
      return {
        connection,
        wasKept,
        release,
        execute: async (line, { timeoutMs, onOutput }) => {
          try {
            return await connection.execute(line, timeoutMs, (channel) => {
              pooled.commandOpened();
              const forget = connection.onEnd(release);
              channel.once("close", () => {
                forget();
                release();
              });
              return channelProcess(channel, connection, onOutput);
            });
          } catch (error) {
            const isHopeless = isRefused(error) && !pooled.commandRefused();
            release();
            throw isHopeless ? noCommands(connection, error) : error;
          }
        },
      };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Runs a command line, on another connection where one has too many already. */
  async execute(
    target: PoolTarget,
    line: string,
    options: ExecuteOptions,
    reserved?: CommandPlace,
  ): Promise<{ readonly process: TransportProcess; readonly connection: SshConnection }> {
    for (let place = reserved; ; place = undefined) {
      place ??= await this.place(target);
      try {
        return { process: await place.execute(line, options), connection: place.connection };
      } catch (error) {
        // One that was kept, here or by our caller, may have been lost unnoticed. A command that perhaps began ends with it, and has been told nothing.
        const wasKept = place.wasKept || place === reserved;
        const isStale = wasKept && RunnerError.is(error) && error.code === "disconnected";
        if (!isStale && !isRefused(error)) throw error;
      }
    }
  }

  async #spawnHub(pooled: PooledConnection, argv: readonly string[]): Promise<TransportProcess> {
    const place = await this.#placeOn(pooled, pooled.takeHub());
    return place.execute(commandLine(argv, "either"), { timeoutMs: hubChannelMs });
  }

  #set({ route, owner }: PoolTarget): Set<PooledConnection> {
    const key = JSON.stringify([route, owner]);
    const set = this.#connections.get(key) ?? new Set();
    this.#connections.set(key, set);
    return set;
  }

  #any(target: PoolTarget): PooledConnection | undefined {
    return [...this.#set(target)].find(({ isOver }) => !isOver);
  }

  #withRoom(target: PoolTarget): PooledConnection | undefined {
    let best: PooledConnection | undefined;
    for (const pooled of this.#set(target)) {
      if (pooled.load === undefined) continue;
      const isBetter =
        best === undefined ||
        (pooled.isReady && !best.isReady) ||
        (pooled.isReady === best.isReady && pooled.load > (best.load ?? 0));
      if (isBetter) best = pooled;
    }
    return best;
  }

  #open(target: PoolTarget): PooledConnection {
    const set = this.#set(target);
    const makeHub = (self: PooledConnection): ConnectionHub => new ConnectionHub((argv) => this.#spawnHub(self, argv));
    const pooled = new PooledConnection(this.#connect(target), this.#idleMs, makeHub, (over) => {
      set.delete(over);
      if (set.size > 0) return;
      for (const [key, each] of this.#connections) if (each === set) this.#connections.delete(key);
    });
    set.add(pooled);
    return pooled;
  }

  async #connect(target: PoolTarget): Promise<SshConnection> {
    const { route } = target;
    const hop = route.hops.at(-1);
    if (hop === undefined) throw new RunnerError("internal", "A route leads nowhere", { provider: "ssh" });
    const options = { ...target, ...route };
    if (route.hops.length === 1) return openConnection(hop, undefined, options);
    return this.#connectThrough(hop, { ...target, route: { ...route, hops: route.hops.slice(0, -1) } }, options);
  }

  async #connectThrough(hop: SshHop, before: PoolTarget, options: OpenOptions): Promise<SshConnection> {
    const pooled = this.#any(before) ?? this.#open(before);
    const release = pooled.hold();
    try {
      const connection = await openConnection(hop, await pooled.ready, options);
      pooled.holdFor(connection);
      return connection;
    } finally {
      release();
    }
  }
}

function noCommands(connection: SshConnection, cause: unknown): RunnerError {
  return unsupported(`${connection.where} opens no session for this login, so nothing can run there`, {
    provider: "ssh",
    resource: "session",
    cause,
  });
}
