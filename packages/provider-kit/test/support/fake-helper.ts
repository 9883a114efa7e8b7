import { PassThrough } from "node:stream";
import type { RunnerTransport, TransportExit, TransportProcess } from "../../src/transport.js";
import { helperFrame } from "../../src/helper/frame-types.js";
import { readList, readRecord, type HelperRecord } from "../../src/helper/record-reader.js";
import { type Fields, frame, packMessage } from "./helper-records.js";

export interface ClientFrame {
  readonly type: number;
  readonly id: number;
  readonly payload: Buffer;
}

/** What a scripted helper does with a request; the helper itself is at hand for answers. */
export type RequestScript = (helper: FakeHelper, id: number, record: HelperRecord) => void;

export interface FakeHelperOptions {
  readonly kind?: "bytes" | "text";
  /** What is written instead of the handshake line; the nonce is the real one. @default the right line */
  readonly greet?: (nonce: string, helper: FakeHelper) => string | undefined;
  readonly requests?: Readonly<Record<string, RequestScript>>;
  /** @default true */
  readonly answersPings?: boolean;
}

const openAnswer = {
  os: "Linux",
  arch: "x86_64",
  uid: 0,
  workspace: "/srv/place",
  confinement: "none",
  landlockAbi: 0,
  fileConfinement: "kernel",
  watch: "native",
  stateDirectory: "/state",
  createdAtMs: 1,
} as const;

/** A peer that speaks the helper's protocol as a test tells it to: no process, no Perl. */
export class FakeHelper {
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly frames: ClientFrame[] = [];
  readonly requests: string[] = [];
  killed = false;
  readonly #options: FakeHelperOptions;
  #input: Buffer = Buffer.alloc(0);
  #programLeft = -1;
  #resolveExited: (exit: TransportExit) => void = () => undefined;
  readonly exited: Promise<TransportExit>;
  #waiters: (() => void)[] = [];

  constructor(options: FakeHelperOptions = {}) {
    this.#options = options;
    this.exited = new Promise((resolve) => {
      this.#resolveExited = resolve;
    });
    this.stdin.on("data", (chunk: Buffer) => this.#receive(chunk));
    this.stdin.on("error", () => undefined);
  }

  get process(): TransportProcess {
    return {
      stdin: this.stdin,
      stdout: this.stdout,
      stderr: this.stderr,
      exited: this.exited,
      kill: () => {
        this.killed = true;
        this.exit({ code: null, signal: "SIGKILL" });
      },
    };
  }

  get transport(): RunnerTransport {
    return {
      providerState: {},
      channel: { kind: this.#options.kind ?? "bytes", spawn: async () => this.process },
      async [Symbol.asyncDispose]() {},
    };
  }

  exit(exit: TransportExit = { code: 0, signal: null }): void {
    this.stdout.end();
    this.stderr.end();
    this.#resolveExited(exit);
  }

  /** Resolves when the client has sent a frame that fits. */
  async received(fits: (frame: ClientFrame) => boolean): Promise<ClientFrame> {
    for (;;) {
      const found = this.frames.find(fits);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#waiters.push(resolve);
      });
    }
  }

  send(type: number, id: number, payload?: Uint8Array): void {
    const bytes = frame(type, id, payload);
    this.stdout.write(this.#options.kind === "text" ? `${bytes.toString("base64")}\n` : bytes);
  }

  result(id: number, fields: Fields = {}): void {
    this.send(helperFrame.result, id, packMessage(fields));
  }

  error(id: number, fields: Fields): void {
    this.send(helperFrame.error, id, packMessage(fields));
  }

  event(id: number, fields: Fields): void {
    this.send(helperFrame.event, id, packMessage(fields));
  }

  data(id: number, channel: number, bytes: string | Uint8Array): void {
    this.send(helperFrame.data, id, Buffer.concat([Buffer.of(channel), Buffer.from(bytes as string)]));
  }

  end(id: number, channel: number): void {
    this.send(helperFrame.end, id, Buffer.of(channel));
  }

  #receive(chunk: Buffer): void {
    this.#input = Buffer.concat([this.#input, chunk]);
    if (this.#programLeft === -1) {
      const end = this.#input.indexOf("\n");
      if (end === -1) return;
      const [length, nonce] = this.#input.subarray(0, end).toString("latin1").split(" ");
      this.#programLeft = Number(length);
      this.#input = this.#input.subarray(end + 1);
      const greeting =
        this.#options.greet === undefined ? `MOORING/1 ${nonce}\n` : this.#options.greet(nonce ?? "", this);
      if (greeting !== undefined) this.stdout.write(greeting);
    }
    const skipped = Math.min(this.#programLeft, this.#input.length);
    this.#programLeft -= skipped;
    this.#input = this.#input.subarray(skipped);
    if (this.#programLeft === 0) this.#readFrames();
    for (const wake of this.#waiters.splice(0)) wake();
  }

  #readFrames(): void {
    if (this.#options.kind === "text") {
      for (;;) {
        const end = this.#input.indexOf("\n");
        if (end === -1) return;
        const bytes = Buffer.from(this.#input.subarray(0, end).toString("latin1"), "base64");
        this.#input = this.#input.subarray(end + 1);
        this.#handle(bytes);
      }
    }
    while (this.#input.length >= 4 && this.#input.length >= 4 + this.#input.readUInt32BE(0)) {
      const length = 4 + this.#input.readUInt32BE(0);
      const bytes = this.#input.subarray(0, length);
      this.#input = this.#input.subarray(length);
      this.#handle(bytes);
    }
  }

  #handle(bytes: Buffer): void {
    const received = { type: bytes[4] ?? 0, id: bytes.readUInt32BE(5), payload: Buffer.from(bytes.subarray(9)) };
    this.frames.push(received);
    if (received.type === 0x06 && this.#options.answersPings !== false) this.send(helperFrame.pong, received.id);
    if (received.type !== 0x01) return;
    const record = readRecord(received.payload);
    const op = record.get("op")?.toString() ?? "";
    this.requests.push(op);
    const script = this.#options.requests?.[op] ?? standardAnswers[op];
    script?.(this, received.id, record);
  }
}

const standardAnswers: Readonly<Record<string, RequestScript>> = {
  "session.open": (helper, id) => helper.result(id, openAnswer),
  "session.end": (helper, id) => {
    helper.result(id, { commandsEnded: 0, survivors: "" });
    helper.exit();
  },
};

/** The arguments of a `command.start`. */
export function argumentsOf(record: HelperRecord): string[] {
  return readList(record.get("argv")).map((argument) => argument.toString());
}
