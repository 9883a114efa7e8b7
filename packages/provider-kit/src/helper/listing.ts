import { RunnerError, type RunnerListing } from "@mooring/api";
import type { IncomingBytes } from "./incoming-bytes.js";
import type { HelperRecord } from "./record-reader.js";
import { recordsOf } from "./record-stream.js";

/** A walk on the far side. The request is made when the iteration begins; each iteration is a walk of its own. */
export class Listing<Item> implements RunnerListing<Item> {
  readonly #open: () => IncomingBytes;
  readonly #convert: (record: HelperRecord) => Item;
  /** Whether a start that is not there means that there is nothing to find. */
  readonly #missingIsEmpty: () => boolean;
  truncated = false;

  constructor(
    open: () => IncomingBytes,
    convert: (record: HelperRecord) => Item,
    missingIsEmpty: () => boolean = () => false,
  ) {
    this.#open = open;
    this.#convert = convert;
    this.#missingIsEmpty = missingIsEmpty;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    const incoming = this.#open();
    this.truncated = false;
    try {
      for await (const record of recordsOf(incoming)) yield this.#convert(record);
    } catch (error) {
      if (RunnerError.is(error) && error.code === "not_found" && this.#missingIsEmpty()) return;
      throw error;
    }
    this.truncated = incoming.result?.has("truncated") ?? false;
  }
}
