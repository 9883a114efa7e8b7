import type { Connection } from "./connection.js";
import { corrupt } from "./record-reader.js";

/**
 * The credit of one channel. It is given back in pieces of a quarter of its window, so that small reads do not cost a frame each;
 * and held to, so that a far side which sends more fills no memory here.
 */
export class CreditWindow {
  readonly #connection: Connection;
  readonly #channel: number;
  readonly #threshold: number;
  #owed = 0;
  /** What may still come. */
  #left: number;
  /** Set once the request was sent. */
  id = 0;

  constructor(connection: Connection, channel: number, windowBytes: number) {
    this.#connection = connection;
    this.#channel = channel;
    this.#threshold = Math.max(1, Math.floor(windowBytes / 4));
    this.#left = windowBytes;
  }

  /** Bytes came. Throws `corrupt` for more of them than were granted. */
  take(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) throw corrupt("more bytes of a stream than it had credit for");
  }

  grant(bytes: number): void {
    this.#owed += bytes;
    if (this.#owed < this.#threshold) return;
    this.#connection.sendCredit(this.id, this.#channel, this.#owed);
    this.#left += this.#owed;
    this.#owed = 0;
  }
}
