// A second, deliberately plain client of the helper's protocol, so that the helper is tested by more than the kit's own.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { joinPerl } from "../../scripts/generate-helper.mjs";
import { helperBootArgv, helperHeader } from "../../src/helper-boot.ts";
import { type Field, packRecord, unpackList, unpackRecord } from "./helper-records.ts";

const perlFolder = fileURLToPath(new URL("../../helper/perl/", import.meta.url));

export const helperSource: string = joinPerl(
  readdirSync(perlFolder)
    .filter((name) => name.endsWith(".pl"))
    .toSorted()
    .map((name) => ({ name, source: readFileSync(path.join(perlFolder, name), "utf8") })),
);

const nonce = "0123456789abcdef0123456789abcdef";
const types = { request: 1, data: 2, end: 3, credit: 4, abandon: 5, ping: 6 } as const;

/** The ERROR frame of a request. */
export class HelperFailure extends Error {
  constructor(readonly record: ReadonlyMap<string, Buffer>) {
    super([...record].map(([name, value]) => `${name}=${value.toString("latin1")}`).join(" "));
  }
  field(name: string): string | undefined {
    return this.record.get(name)?.toString();
  }
}

export class Request {
  readonly #events = new Map<string, Map<string, Buffer>>();
  readonly #waiters = new Map<string, (record: Map<string, Buffer>) => void>();
  readonly output: Record<number, Buffer[]> = { 1: [], 2: [] };
  readonly ended = new Set<number>();
  /** What arrived, in order: "event started", "data 1", "end 1", "result". */
  readonly order: string[] = [];
  uploadCredit = 262_144;
  onData: (() => void) | undefined;
  readonly result: Promise<Map<string, Buffer>>;
  resolve!: (record: Map<string, Buffer>) => void;
  reject!: (error: Error) => void;

  constructor(
    readonly client: HelperClient,
    readonly id: number,
    readonly autoCredit: boolean,
  ) {
    this.result = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.result.catch(() => undefined);
  }

  text(channel = 1): string {
    return Buffer.concat(this.output[channel] ?? []).toString();
  }

  event(name: string): Promise<Map<string, Buffer>> {
    const past = this.#events.get(name);
    if (past !== undefined) return Promise.resolve(past);
    const event = new Promise<Map<string, Buffer>>((resolve) => this.#waiters.set(name, resolve));
    return Promise.race([event, this.result.then(() => Promise.reject(new Error(`no event ${name}`)))]);
  }

  /** Resolves when the output of a channel contains the text. */
  async until(text: string, channel = 1): Promise<void> {
    while (!this.text(channel).includes(text)) {
      await Promise.race([
        new Promise<void>((resolve) => (this.onData = resolve)),
        this.result.then(() => {
          if (!this.text(channel).includes(text)) throw new Error(`ended without ${text}`);
        }),
      ]);
    }
  }

  data(bytes: string | Uint8Array): void {
    this.client.frame(types.data, this.id, Buffer.concat([Buffer.from([0]), Buffer.from(bytes as string)]));
  }
  end(): void {
    this.client.frame(types.end, this.id, Buffer.from([0]));
  }
  credit(bytes: number, channel = 1): void {
    const payload = Buffer.alloc(5);
    payload[0] = channel;
    payload.writeUInt32BE(bytes, 1);
    this.client.frame(types.credit, this.id, payload);
  }
  abandon(): void {
    this.client.frame(types.abandon, this.id, Buffer.alloc(0));
  }

  take(type: number, payload: Buffer): boolean {
    if (type === 0x81) {
      this.order.push("result");
      this.resolve(unpackRecord(payload));
      return true;
    }
    if (type === 0x82) {
      this.order.push("error");
      this.reject(new HelperFailure(unpackRecord(payload)));
      return true;
    }
    if (type === 0x83) {
      const record = unpackRecord(payload);
      const name = String(record.get("event"));
      this.order.push(`event ${name}`);
      this.#events.set(name, record);
      this.#waiters.get(name)?.(record);
    } else if (type === 0x84) {
      const channel = payload[0] ?? 0;
      this.order.push(`data ${channel}`);
      this.output[channel]?.push(payload.subarray(1));
      this.onData?.();
      if (this.autoCredit) this.credit(payload.length - 1, channel);
    } else if (type === 0x85) {
      this.order.push(`end ${payload[0]}`);
      this.ended.add(payload[0] ?? 0);
      this.onData?.();
    } else if (type === 0x86) {
      this.uploadCredit += payload.readUInt32BE(1);
    }
    return false;
  }
}

export interface OpenOptions {
  readonly confinement?: string;
  readonly mode?: string;
  readonly sessionId?: string;
  readonly leaseMs?: number;
  readonly env?: readonly string[];
  readonly kind?: "bytes" | "text";
  /** Shell text that runs before the helper, such as `ulimit -n 64`. */
  readonly limits?: string;
  readonly fields?: Readonly<Record<string, Field>>;
}

export interface StartOptions extends Readonly<Record<string, Field>> {
  readonly credit?: number;
}

export class HelperClient implements AsyncDisposable {
  readonly process: ChildProcess;
  readonly exited: Promise<number | null>;
  readonly requests = new Map<number, Request>();
  stderr = "";
  pongs = 0;
  #buffer = Buffer.alloc(0);
  #greeted = false;
  #nextId = 1;
  #nextCommand = 1;

  constructor(
    readonly folder: string,
    readonly ownsFolder: boolean,
    readonly kind: "bytes" | "text",
    limits = "",
  ) {
    const argv = limits === "" ? helperBootArgv : ["/bin/sh", "-c", `${limits}; exec "$@"`, "sh", ...helperBootArgv];
    const [program = "", ...args] = argv;
    this.process = spawn(program, args, {
      env: { PATH: process.env["PATH"], HOME: folder, XDG_STATE_HOME: path.join(folder, "state"), HELPER_SECRET: "x" },
      detached: true,
    });
    this.exited = once(this.process, "close").then(([code]) => code as number | null);
    this.process.stderr?.on("data", (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.process.stdout?.on("data", (chunk: Buffer) => this.#take(chunk));
    this.process.stdin?.on("error", () => undefined);
    this.process.stdin?.write(helperHeader(helperSource, nonce, kind) + helperSource);
    void this.exited.then(() => {
      for (const request of this.requests.values()) request.reject(new Error(`the helper ended: ${this.stderr}`));
    });
  }

  get workspace(): string {
    return path.join(this.folder, "work");
  }

  static async open(options: OpenOptions = {}, folder?: string): Promise<HelperClient> {
    const place = folder ?? mkdtempSync(path.join(os.tmpdir(), "mooring-helper-"));
    const client = new HelperClient(place, folder === undefined, options.kind ?? "bytes", options.limits);
    try {
      await client.request("session.open", {
        root: client.workspace,
        createRoot: true,
        env: options.env ?? [`PATH=${process.env["PATH"]}`, `HOME=${place}`],
        confinement: options.confinement ?? "none",
        sessionId: options.sessionId ?? "one",
        mode: options.mode ?? "create",
        leaseMs: options.leaseMs ?? 30_000,
        ...options.fields,
      }).result;
    } catch (error) {
      await client[Symbol.asyncDispose]();
      throw error;
    }
    return client;
  }

  request(op: string, fields: Readonly<Record<string, Field>> = {}, autoCredit = true): Request {
    const request = new Request(this, this.#nextId++, autoCredit);
    this.requests.set(request.id, request);
    this.frame(types.request, request.id, packRecord({ op, ...fields }));
    return request;
  }

  start(argv: readonly (string | Uint8Array)[], options: StartOptions = {}, autoCredit = true): Request {
    const fields = { commandId: `c${this.#nextCommand++}`, argv, stdin: "none", stderr: "separate", graceMs: 0, credit: 1_048_576 };
    return this.request("command.start", { ...fields, ...options }, autoCredit);
  }

  sh(script: string, options: StartOptions = {}, autoCredit = true): Request {
    return this.start(["/bin/sh", "-c", script], options, autoCredit);
  }

  async end(mode: string, graceMs = 0): Promise<Map<string, Buffer>> {
    const result = await this.request("session.end", { mode, graceMs }).result;
    await this.exited;
    return result;
  }

  ping(): void {
    this.frame(types.ping, 7, Buffer.alloc(0));
  }

  frame(type: number, id: number, payload: Uint8Array): void {
    const frame = Buffer.alloc(9 + payload.length);
    frame.writeUInt32BE(5 + payload.length);
    frame[4] = type;
    frame.writeUInt32BE(id, 5);
    frame.set(payload, 9);
    this.raw(this.kind === "text" ? `${frame.toString("base64")}\n` : frame);
  }

  raw(bytes: string | Uint8Array): void {
    this.process.stdin?.write(bytes);
  }

  #take(chunk: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    if (!this.#greeted) {
      const end = this.#buffer.indexOf(`MOORING/1 ${nonce}\n`);
      if (end < 0) return;
      this.#greeted = true;
      this.#buffer = this.#buffer.subarray(end + 43);
    }
    if (this.kind === "text") {
      for (let end = this.#buffer.indexOf(10); end >= 0; end = this.#buffer.indexOf(10)) {
        this.#frame(Buffer.from(this.#buffer.toString("latin1", 0, end), "base64"));
        this.#buffer = this.#buffer.subarray(end + 1);
      }
      return;
    }
    while (this.#buffer.length >= 4) {
      const length = this.#buffer.readUInt32BE(0);
      if (this.#buffer.length < 4 + length) return;
      this.#frame(this.#buffer.subarray(0, 4 + length));
      this.#buffer = this.#buffer.subarray(4 + length);
    }
  }

  #frame(frame: Buffer): void {
    const type = frame[4] ?? 0;
    const id = frame.readUInt32BE(5);
    if (type === 0x87) this.pongs++;
    else if (this.requests.get(id)?.take(type, frame.subarray(9)) === true) this.requests.delete(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.process.stdin?.end();
    await this.exited;
    if (this.ownsFolder) rmSync(this.folder, { recursive: true, force: true });
  }
}

export const list = (bytes: Buffer | undefined): string[] => unpackList(bytes).map(String);
