import type { RunnerError, RunnerFileContents } from "@mooring/api";
import { type Call, CallSettlement } from "./call.js";
import type { Connection } from "./connection.js";
import { maxInlineBytes, outputChannel } from "./frame-types.js";
import { readPath } from "./file-info.js";
import { corrupt, type HelperRecord, readNumber, readText } from "./record-reader.js";
import type { RequestHandler } from "./request-handler.js";

const nothing = new Uint8Array(0);

/** Reads a part of a file in one request: its bytes come as DATA, what is known of it as RESULT. */
export class FileRead implements RequestHandler {
  readonly #settlement: CallSettlement;
  readonly #maxBytes: number;
  #pieces: Buffer[] = [];
  #length = 0;

  constructor(
    connection: Connection,
    description: Call,
    request: { readonly path: Uint8Array; readonly offset: number; readonly maxBytes: number },
    resolve: (contents: RunnerFileContents) => void,
    reject: (error: unknown) => void,
  ) {
    this.#maxBytes = request.maxBytes;
    const answered = (record: HelperRecord) => {
      try {
        resolve({
          ...readPath(record),
          contents: this.#contents(),
          sizeBytes: readNumber(record, "size"),
          truncated: record.has("truncated"),
          version: readText(record, "version"),
        });
      } catch (error) {
        reject(error);
      }
    };
    this.#settlement = new CallSettlement(connection, description, answered, reject);
    this.#settlement.id = connection.request(
      description.op,
      (writer) => {
        writer.field("path", request.path).field("offset", request.offset).field("maxBytes", request.maxBytes);
        if (request.maxBytes > maxInlineBytes) writer.field("credit", request.maxBytes);
      },
      this,
    );
  }

  onData(channel: number, bytes: Buffer): void {
    if (channel !== outputChannel || bytes.length === 0) return;
    this.#length += bytes.length;
    if (this.#length > this.#maxBytes) throw corrupt("more of a file than was asked for");
    this.#pieces.push(bytes);
  }

  onResult(record: HelperRecord): void {
    this.#settlement.onResult(record);
  }

  onError(record: HelperRecord): void {
    this.#settlement.onError(record);
  }

  onLost(error: RunnerError): void {
    this.#settlement.onLost(error);
  }

  /** Of its own: not a view of what was received, which a small file would keep alive. */
  #contents(): Uint8Array {
    if (this.#length === 0) return nothing;
    const contents = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#pieces) {
      contents.set(piece, at);
      at += piece.length;
    }
    return contents;
  }
}
