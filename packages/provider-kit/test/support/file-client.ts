import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import path from "node:path";
import { helperBootArgv, helperHeader } from "../../src/helper-boot.js";
import { readList, readRecord } from "../../src/helper/record-reader.js";
import { helperSource } from "./helper-client.js";
import { type Field, frame, packMessage } from "./helper-records.js";

type Fields = Readonly<Record<string, Field>>;

export interface Answer {
  readonly result: Record<string, string>;
  readonly data: Buffer;
  readonly events: Record<string, string>[];
}

/** An ERROR record, as what a request rejects with. */
class FileFailure extends Error {
  readonly record: Record<string, string>;

  constructor(record: Record<string, string>) {
    super(JSON.stringify(record));
    this.record = record;
  }
}

const credit = 1_048_576;

/** One request under way, over bare frames. */
export class FileRequest {
  readonly id: number;
  readonly done: Promise<Answer>;
  readonly events: Record<string, string>[] = [];
  readonly pieces: Buffer[] = [];
  /** Whether data that arrived is granted again at once. */
  grants = true;
  readonly #send: (bytes: Buffer) => void;
  #window = 262_144;
  #wake: (() => void)[] = [];
  #resolve: (answer: Answer) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  constructor(id: number, send: (bytes: Buffer) => void) {
    this.id = id;
    this.#send = send;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.done.catch(() => undefined);
  }

  /** Whether the request is over. */
  receive(type: number, payload: Buffer): boolean {
    if (type === 0x84) {
      this.pieces.push(payload.subarray(1));
      if (this.grants) this.grant(payload.length - 1);
    } else if (type === 0x83) this.events.push(textsOf(payload));
    else if (type === 0x86) this.#window += payload.readUInt32BE(1);
    else if (type === 0x81 || type === 0x87) {
      this.#resolve({ result: textsOf(payload), data: Buffer.concat(this.pieces), events: this.events });
    } else if (type === 0x82) this.fail(new FileFailure(textsOf(payload)));
    for (const wake of this.#wake.splice(0)) wake();
    return type === 0x81 || type === 0x82 || type === 0x87;
  }

  fail(error: Error): void {
    this.#reject(error);
    for (const wake of this.#wake.splice(0)) wake();
  }

  /** Resolves at the frame of this request that makes the condition true; rejects when the request ends before. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      const woken = new Promise<void>((resolve) => this.#wake.push(resolve));
      await Promise.race([woken, this.done.then(() => Promise.reject(new Error("the request ended")))]);
    }
  }

  async send(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      await this.until(() => this.#window > 0);
      const part = bytes.subarray(at, at + Math.min(this.#window, 65_536));
      this.#window -= part.length;
      at += part.length;
      this.#send(frame(0x02, this.id, Buffer.concat([Buffer.from([0]), part])));
    }
  }

  end(): void {
    this.#send(frame(0x03, this.id, Buffer.from([0])));
  }

  grant(bytes: number): void {
    const payload = Buffer.alloc(5);
    payload[0] = 1;
    payload.writeUInt32BE(bytes, 1);
    this.#send(frame(0x04, this.id, payload));
  }

  abandon(): void {
    this.#send(frame(0x05, this.id));
  }

  /** The records that have come so far. */
  records(): Record<string, string>[] {
    return recordsOf(Buffer.concat(this.pieces));
  }
}

/** A real helper on this machine, spoken to by bare frames, for its file operations. */
export class FileClient implements AsyncDisposable {
  readonly process: ChildProcess;
  readonly #requests = new Map<number, FileRequest>();
  #received: Buffer = Buffer.alloc(0);
  #greeted = false;
  #next = 1;
  stderr = "";

  constructor(child: ChildProcess, source: string) {
    this.process = child;
    const nonce = randomBytes(16).toString("hex");
    child.stdin?.on("error", () => undefined);
    child.stderr?.on("data", (chunk: Buffer) => (this.stderr += chunk.toString()));
    child.stdout?.on("data", (chunk: Buffer) => this.#receive(chunk));
    child.on("exit", () => {
      for (const request of this.#requests.values()) request.fail(new Error(`the helper ended: ${this.stderr}`));
    });
    this.#write(Buffer.from(helperHeader(source, nonce, "bytes") + source, "latin1"));
  }

  start(op: string, fields: Fields = {}): FileRequest {
    const request = new FileRequest(this.#next++, (bytes) => this.#write(bytes));
    this.#requests.set(request.id, request);
    this.#write(frame(0x01, request.id, packMessage({ op, credit, ...fields })));
    return request;
  }

  request(op: string, fields: Fields = {}): Promise<Answer> {
    return this.start(op, fields).done;
  }

  /** The records that a listing streamed. */
  async records(op: string, fields: Fields = {}): Promise<Record<string, string>[]> {
    return recordsOf((await this.request(op, fields)).data);
  }

  /** Milliseconds until the PONG. */
  async ping(): Promise<number> {
    const request = new FileRequest(this.#next++, () => undefined);
    this.#requests.set(request.id, request);
    const started = performance.now();
    this.#write(frame(0x06, request.id));
    await request.done;
    return performance.now() - started;
  }

  /** Ends its standard input, and with it the helper. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exited = once(this.process, "exit");
    this.process.stdin?.end();
    await exited;
  }

  #write(bytes: Buffer): void {
    this.process.stdin?.write(bytes);
  }

  #receive(chunk: Buffer): void {
    let bytes = this.#received.length > 0 ? Buffer.concat([this.#received, chunk]) : chunk;
    if (!this.#greeted) {
      const end = bytes.indexOf(0x0a);
      if (end >= 0) {
        this.#greeted = true;
        bytes = bytes.subarray(end + 1);
      }
    }
    let at = 0;
    while (this.#greeted && bytes.length - at >= 9) {
      const length = bytes.readUInt32BE(at);
      if (bytes.length - at < 4 + length) break;
      const id = bytes.readUInt32BE(at + 5);
      const isOver = this.#requests.get(id)?.receive(bytes[at + 4] ?? 0, bytes.subarray(at + 9, at + 4 + length));
      if (isOver === true) this.#requests.delete(id);
      at += 4 + length;
    }
    this.#received = bytes.subarray(at);
  }
}

export interface FileClientOptions {
  readonly root: string;
  /** Where the helper keeps its state. */
  readonly stateHome: string;
  readonly readRoots?: readonly string[];
  readonly writeRoots?: readonly string[];
  readonly uid?: number;
  /** Changes the helper's program. */
  readonly source?: (source: string) => string;
}

/** Starts a helper and opens a session in it. */
export async function openFileClient(options: FileClientOptions): Promise<FileClient> {
  const [perl = "perl", ...boot] = helperBootArgv;
  const child = spawn(perl, boot, {
    env: { PATH: process.env["PATH"], HOME: options.stateHome, XDG_STATE_HOME: path.join(options.stateHome, "state") },
    cwd: "/",
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  const client = new FileClient(child, (options.source ?? ((source) => source))(helperSource));
  await client.request("session.open", {
    root: options.root,
    readRoots: options.readRoots,
    writeRoots: options.writeRoots,
    env: [`PATH=${process.env["PATH"] ?? ""}`],
    confinement: "none",
    sessionId: randomBytes(8).toString("hex"),
    mode: "create",
    leaseMs: 60_000,
  });
  return client;
}

export function recordsOf(data: Buffer): Record<string, string>[] {
  return readList(data).map((item) => textsOf(item));
}

function textsOf(record: Buffer): Record<string, string> {
  if (record.length === 0) return {};
  return Object.fromEntries([...readRecord(record)].map(([key, value]) => [key, value.toString("utf8")]));
}
