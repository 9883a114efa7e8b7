import { RunnerError } from "@mooring/api";
import { throwIfAborted } from "../async/abort.js";
import { type Call, CallSettlement } from "./call.js";
import type { Connection } from "./connection.js";
import { InputSender } from "./input-sender.js";
import type { HelperRecord } from "./record-reader.js";
import type { RequestWriter } from "./record-writer.js";
import type { RequestHandler } from "./request-handler.js";

/** One request whose contents go along on channel 0. Settles by its answer; a source that fails abandons it. */
export function callWithInput(
  connection: Connection,
  description: Call,
  build: (writer: RequestWriter) => void,
  contents: Uint8Array | ReadableStream<Uint8Array>,
  option: string,
): Promise<HelperRecord> {
  return new Promise((resolve, reject) => {
    throwIfAborted(description.signal, description.operation);
    const upload = new UploadHandler(connection, description, resolve, reject);
    const id = connection.request(description.op, build, upload);
    upload.begin(id);
    upload.feed(contents, option).catch((error: unknown) => {
      // The far side's own reason, when it has one, has settled the call already.
      if (upload.isSettled) return;
      connection.abandon(id);
      reject(sourceError(error, description));
    });
  });
}

function sourceError(error: unknown, description: Call): unknown {
  if (RunnerError.is(error)) return error;
  return new RunnerError("invalid_request", `${description.operation}: the stream to read from failed`, {
    operation: description.operation,
    resource: description.resource,
    retryable: false,
    cause: error,
  });
}

class UploadHandler implements RequestHandler {
  readonly #connection: Connection;
  readonly #settlement: CallSettlement;
  #input: InputSender | undefined;
  isSettled = false;

  constructor(
    connection: Connection,
    description: Call,
    resolve: (record: HelperRecord) => void,
    reject: (error: unknown) => void,
  ) {
    this.#connection = connection;
    this.#settlement = new CallSettlement(connection, description, resolve, reject);
  }

  begin(id: number): void {
    this.#settlement.id = id;
    this.#input = new InputSender(this.#connection, id);
  }

  async feed(contents: Uint8Array | ReadableStream<Uint8Array>, option: string): Promise<void> {
    const input = this.#input;
    if (input === undefined) return;
    if (contents instanceof ReadableStream) return input.pump(contents, option);
    await input.send(contents);
    input.end();
  }

  onCredit(_channel: number, bytes: number): void {
    this.#input?.grant(bytes);
  }

  onResult(record: HelperRecord): void {
    this.#close();
    this.#settlement.onResult(record);
  }

  onError(record: HelperRecord): void {
    this.#close();
    this.#settlement.onError(record);
  }

  onLost(error: RunnerError): void {
    this.#close();
    this.#settlement.onLost(error);
  }

  #close(): void {
    this.isSettled = true;
    this.#input?.close(new RunnerError("ended", "The request is over", { retryable: false, phase: "after_end" }));
  }
}
