import { once } from "node:events";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { CutPoint, ProxyConditions } from "./fault-proxy.js";

type Direction = CutPoint["direction"];

/** One connection through a `FaultProxy`. */
export class ProxyConnection {
  /** How many bytes were passed on, each way. */
  readonly passed: Record<Direction, number> = { up: 0, down: 0 };
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #conditions: ProxyConditions;
  readonly #recorded: Record<Direction, Buffer[]> = { up: [], down: [] };
  #gate: Promise<void> | undefined;
  #openGate: () => void = () => {};
  #isCut = false;

  constructor(client: Socket, server: Socket, conditions: ProxyConditions) {
    this.#client = client;
    this.#server = server;
    this.#conditions = conditions;
    for (const socket of [client, server]) socket.on("error", () => this.cut("reset"));
  }

  start(): void {
    if (this.#isCutNow("up") || this.#isCutNow("down")) return;
    void this.#pass("up", this.#client, this.#server);
    void this.#pass("down", this.#server, this.#client);
  }

  get isOpen(): boolean {
    return !this.#client.destroyed || !this.#server.destroyed;
  }

  /** What was passed on so far, where conditions asked for a record. */
  recorded(direction: Direction): Buffer {
    return Buffer.concat(this.#recorded[direction]);
  }

  stall(): void {
    this.#gate ??= new Promise((resolve) => {
      this.#openGate = resolve;
    });
  }

  resume(): void {
    this.#gate = undefined;
    this.#openGate();
  }

  cut(manner: "reset" | "end" = "reset"): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.resume();
    for (const socket of [this.#client, this.#server]) {
      if (manner === "end") socket.destroySoon();
      // A socket that is not connected yet has nothing to reset.
      else if (socket.connecting) socket.destroy();
      else socket.resetAndDestroy();
    }
  }

  async #pass(direction: Direction, from: Socket, to: Socket): Promise<void> {
    try {
      // The other way may still be open when this one ends.
      for await (const piece of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        for (const part of this.#parts(piece)) {
          await this.#hold(part.byteLength);
          if (!(await this.#forward(direction, to, part))) return;
        }
      }
      await this.#gate;
      if (!this.#isCut) to.end();
    } catch {
      this.cut("reset");
    }
  }

  /** Passes on what the conditions allow of a piece; `false` when that was the last. */
  async #forward(direction: Direction, to: Socket, piece: Buffer): Promise<boolean> {
    const { cutAt, record } = this.#conditions;
    const room = cutAt?.direction === direction ? cutAt.offset - this.passed[direction] : Infinity;
    const part = piece.subarray(0, room);
    if (this.#isCut) return false;
    const isTaken = to.write(part);
    this.passed[direction] += part.byteLength;
    if (record === true) this.#recorded[direction].push(part);
    if (this.#isCutNow(direction)) return false;
    if (!isTaken) await once(to, "drain");
    return true;
  }

  #isCutNow(direction: Direction): boolean {
    const { cutAt } = this.#conditions;
    if (cutAt?.direction !== direction || this.passed[direction] < cutAt.offset) return false;
    const receiver = direction === "up" ? this.#server : this.#client;
    const cut = () => this.cut(cutAt.manner);
    // What was passed on must leave before the reset, which would overtake it.
    if (receiver.writableLength > 0) receiver.write("", cut);
    else cut();
    return true;
  }

  async #hold(byteLength: number): Promise<void> {
    const { delayMs = 0, bytesPerSecond } = this.#conditions;
    const paceMs = bytesPerSecond === undefined ? 0 : (byteLength / bytesPerSecond) * 1_000;
    if (delayMs + paceMs > 0) await delay(delayMs + paceMs);
    await this.#gate;
  }

  *#parts(piece: Buffer): Generator<Buffer> {
    const { bytesPerSecond } = this.#conditions;
    const size = bytesPerSecond === undefined ? piece.byteLength : Math.max(1, Math.floor(bytesPerSecond / 20));
    for (let start = 0; start < piece.byteLength; start += size) yield piece.subarray(start, start + size);
  }
}
