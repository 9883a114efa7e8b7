import { Readable, Writable } from "node:stream";
import { RunnerError } from "@mooring/api";
import type { TransportExit, TransportProcess } from "../transport.js";
import type { Connection } from "./connection.js";
import { CreditWindow } from "./credit-window.js";
import { errorChannel, outputChannel } from "./frame-types.js";
import { InputSender } from "./input-sender.js";
import { type HelperRecord, readNumber, readText } from "./record-reader.js";
import type { RequestHandler } from "./request-handler.js";

/** What of a helper's output may wait here for its reader. */
const windowBytes = 4_194_304;
/** Writes that come while the far side makes room wait in the stream up to here. */
const inputBytes = 65_536;

/** What a forked helper is told first. */
export interface HelperGreeting {
  readonly nonce: string;
  readonly kind: "bytes" | "text";
}

/** A helper that a hub forked: a request of the hub's connection, seen as a process. */
export class HubProcess implements TransportProcess, RequestHandler {
  readonly stdin: Writable;
  readonly stdout: HubOutput;
  readonly stderr: HubOutput;
  readonly exited: Promise<TransportExit>;
  readonly #connection: Connection;
  readonly #id: number;
  readonly #input: InputSender;
  #resolveExited: (exit: TransportExit) => void = () => undefined;

  constructor(connection: Connection, { nonce, kind }: HelperGreeting) {
    this.#connection = connection;
    this.exited = new Promise((resolve) => {
      this.#resolveExited = resolve;
    });
    this.stdout = new HubOutput(new CreditWindow(connection, outputChannel, windowBytes));
    this.stderr = new HubOutput(new CreditWindow(connection, errorChannel, windowBytes));
    this.#id = connection.request(
      "helper.start",
      (writer) => writer.field("nonce", nonce).field("kind", kind).field("credit", windowBytes),
      this,
    );
    this.stdout.window.id = this.stderr.window.id = this.#id;
    this.#input = new InputSender(connection, this.#id);
    this.stdin = inputStream(this.#input);
  }

  kill(): void {
    this.#connection.abandon(this.#id);
  }

  onData(channel: number, bytes: Buffer): void {
    (channel === outputChannel ? this.stdout : this.stderr).receive(bytes);
  }

  onEnd(channel: number): void {
    (channel === outputChannel ? this.stdout : this.stderr).end();
  }

  onCredit(_channel: number, bytes: number): void {
    this.#input.grant(bytes);
  }

  onResult(record: HelperRecord): void {
    const isCode = readText(record, "exit") === "code";
    this.#over(
      isCode ? { code: readNumber(record, "value"), signal: null } : { code: null, signal: readText(record, "value") },
    );
  }

  /** It could not be forked. */
  onError(): void {
    this.#over({ code: null, signal: null });
  }

  onLost(): void {
    this.#over({ code: null, signal: null });
  }

  #over(exit: TransportExit): void {
    this.#input.close(closedError());
    this.stdout.end();
    this.stderr.end();
    this.#resolveExited(exit);
  }
}

/** One of its two outputs. What nobody has read yet counts against the window. */
class HubOutput extends Readable {
  readonly window: CreditWindow;
  #waiting = 0;
  #isEnded = false;

  constructor(window: CreditWindow) {
    super();
    this.window = window;
  }

  receive(bytes: Buffer): void {
    this.window.take(bytes.length);
    if (this.#isEnded) return;
    // One that is read at once needs no bytes of its own.
    const isRead = this.readableFlowing === true && this.readableLength === 0;
    if (this.destroyed || this.push(isRead ? bytes : Buffer.from(bytes))) this.window.grant(bytes.length);
    else this.#waiting += bytes.length;
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.push(null);
  }

  override _read(): void {
    this.#letGo();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#letGo();
    done(error);
  }

  #letGo(): void {
    const bytes = this.#waiting;
    this.#waiting = 0;
    if (bytes > 0) this.window.grant(bytes);
  }
}

/** Each write is answered when all of it was sent, or with an error when it cannot be any more. */
function inputStream(input: InputSender): Writable {
  const send = (bytes: Buffer, done: (error?: Error | null) => void): void => {
    void answered(input.send(bytes), done);
  };
  return new Writable({
    highWaterMark: inputBytes,
    write: (chunk: Buffer, _encoding, done) => send(chunk, done),
    writev: (chunks, done) => send(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)), done),
    final(done) {
      input.end();
      done();
    },
    destroy(error, done) {
      input.end();
      done(error);
    },
  });
}

async function answered(sent: Promise<void>, done: (error?: Error | null) => void): Promise<void> {
  let failure: Error | null = null;
  try {
    await sent;
  } catch (error) {
    failure = error as Error;
  }
  done(failure);
}

function closedError(): RunnerError {
  return new RunnerError("disconnected", "The helper's input is closed", { resource: "session", retryable: null });
}
