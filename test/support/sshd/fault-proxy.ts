import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { ProxyConnection } from "./proxy-connection.js";

/** Where a connection ends, counted in bytes that were passed on in one direction: `up` is from the client to the server. */
export interface CutPoint {
  readonly direction: "up" | "down";
  readonly offset: number;
  /** `reset`: both ends see a reset. `end`: both see an orderly end. @default "reset" */
  readonly manner?: "reset" | "end";
}

/** What becomes of bytes on their way. */
export interface ProxyConditions {
  /** How long each piece takes, each way. @default 0 */
  readonly delayMs?: number;
  /** @default no limit */
  readonly bytesPerSecond?: number;
  /** @default none */
  readonly cutAt?: CutPoint | undefined;
  /** Keeps what was passed on. @default false */
  readonly record?: boolean;
}

/** A network between a client and a server on this machine, with the faults of real ones, exact to the byte. */
export class FaultProxy implements AsyncDisposable {
  readonly host = "127.0.0.1";
  /** Every connection so far, oldest first. */
  readonly connections: ProxyConnection[] = [];
  /** For connections that come later. */
  conditions: ProxyConditions;
  /** Where connections that come later lead to. */
  target: { readonly host: string; readonly port: number };
  readonly #server: Server;
  #isStalled = false;
  #cutNext: CutPoint | undefined;

  private constructor(target: { readonly host: string; readonly port: number }, conditions: ProxyConditions) {
    this.target = target;
    this.conditions = conditions;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
  }

  static async start(
    target: { readonly host: string; readonly port: number },
    conditions: ProxyConditions = {},
  ): Promise<FaultProxy> {
    const proxy = new FaultProxy(target, conditions);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Passes nothing any more, and says nothing of it: half-open, as when a cable is pulled. New connections hang, too. */
  stall(): void {
    this.#isStalled = true;
    for (const connection of this.connections) connection.stall();
  }

  /** Goes on where it stalled; nothing was lost meanwhile. */
  resume(): void {
    this.#isStalled = false;
    for (const connection of this.connections) connection.resume();
  }

  /** Ends the next connection there; those that come after it are as the conditions say. */
  cutNext(at: CutPoint): void {
    this.#cutNext = at;
  }

  /** Ends every connection there is. */
  cut(manner: "reset" | "end" = "reset"): void {
    for (const connection of this.connections) connection.cut(manner);
  }

  /** Connections that are open on either side. */
  get openConnections(): number {
    return this.connections.filter(({ isOpen }) => isOpen).length;
  }

  #accept(client: Socket): void {
    const server = connect({ ...this.target, allowHalfOpen: true, noDelay: true });
    const cutAt = this.#cutNext ?? this.conditions.cutAt;
    this.#cutNext = undefined;
    const connection = new ProxyConnection(client, server, { ...this.conditions, cutAt });
    this.connections.push(connection);
    if (this.#isStalled) connection.stall();
    connection.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }
}
