import type { Connection } from "./connection.js";

/** Gives credit back for one channel, in pieces of a quarter of its window, so that small reads do not cost a frame each. */
export class CreditWindow {
  readonly #connection: Connection;
  readonly #channel: number;
  readonly #threshold: number;
  #owed = 0;
  /** Set once the request was sent. */
  id = 0;

  constructor(connection: Connection, channel: number, windowBytes: number) {
    this.#connection = connection;
    this.#channel = channel;
    this.#threshold = Math.max(1, Math.floor(windowBytes / 4));
  }

  grant(bytes: number): void {
    this.#owed += bytes;
    if (this.#owed < this.#threshold) return;
    this.#connection.sendCredit(this.id, this.#channel, this.#owed);
    this.#owed = 0;
  }
}
