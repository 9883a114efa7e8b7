import type { RunnerError } from "@mooring/api";
import { cancelledError, throwIfAborted } from "../async/abort.js";
import type { Connection } from "./connection.js";
import { type CallDescription, disconnectedError, helperError } from "./helper-error.js";
import type { HelperRecord } from "./record-reader.js";
import type { RequestWriter } from "./record-writer.js";
import type { RequestHandler } from "./request-handler.js";

/** What a call consists of, besides its fields. */
export interface Call extends CallDescription {
  /** The protocol's name, such as `file.stat`. */
  readonly op: string;
  readonly signal?: AbortSignal;
}

/** One request with one answer. Rejects as the contract says: `cancelled`, `disconnected`, or what the far side said. */
export function call(
  connection: Connection,
  description: Call,
  build: (writer: RequestWriter) => void,
): Promise<HelperRecord> {
  return new Promise((resolve, reject) => {
    throwIfAborted(description.signal, description.operation);
    const settlement = new CallSettlement(connection, description, resolve, reject);
    settlement.id = connection.request(description.op, build, settlement);
  });
}

/** Settles a promise by what becomes of a request, or by its signal, whichever is first. */
export class CallSettlement implements RequestHandler {
  id = 0;
  readonly #connection: Connection;
  readonly #call: Call;
  readonly #resolve: (record: HelperRecord) => void;
  readonly #reject: (error: unknown) => void;
  readonly #onAbort: (() => void) | undefined;

  constructor(
    connection: Connection,
    description: Call,
    resolve: (record: HelperRecord) => void,
    reject: (error: unknown) => void,
  ) {
    this.#connection = connection;
    this.#call = description;
    this.#resolve = resolve;
    this.#reject = reject;
    const { signal } = description;
    if (signal !== undefined) {
      this.#onAbort = () => {
        this.#connection.abandon(this.id);
        this.#reject(cancelledError(signal, description.operation, "unknown"));
      };
      signal.addEventListener("abort", this.#onAbort, { once: true });
    }
  }

  onResult(record: HelperRecord): void {
    this.#done();
    this.#resolve(record);
  }

  onError(record: HelperRecord): void {
    this.#done();
    this.#reject(helperError(record, this.#call));
  }

  onLost(error: RunnerError): void {
    this.#done();
    this.#reject(disconnectedError(error, this.#call, this.id !== 0));
  }

  #done(): void {
    if (this.#onAbort !== undefined) this.#call.signal?.removeEventListener("abort", this.#onAbort);
  }
}
