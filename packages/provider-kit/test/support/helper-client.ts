// A second, deliberately plain client of the helper's protocol, so that the helper is tested by more than the kit's own.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { perlProgram } from "../../scripts/generate-helper.mjs";
import { helperBootArgv, helperHeader } from "../../src/helper-boot.js";
import { type Field, frame, packMessage, unpackList } from "./helper-records.js";
import { clientFrames, Request } from "./helper-request.js";

export const helperSource: string = perlProgram();

const nonce = "0123456789abcdef0123456789abcdef";
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
  /** What session.open answered. */
  opened: ReadonlyMap<string, Buffer> = new Map();
  pongs = 0;
  readonly folder: string;
  readonly #ownsFolder: boolean;
  readonly #kind: "bytes" | "text";
  #buffer: Buffer = Buffer.alloc(0);
  #greeted = false;
  #nextId = 1;
  #nextCommand = 1;

  constructor(folder: string, ownsFolder: boolean, kind: "bytes" | "text", limits = "") {
    this.folder = folder;
    this.#ownsFolder = ownsFolder;
    this.#kind = kind;
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
      client.opened = await client.request("session.open", {
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
    const request = new Request((...parts) => this.frame(...parts), this.#nextId++, autoCredit);
    this.requests.set(request.id, request);
    this.frame(clientFrames.request, request.id, packMessage({ op, ...fields }));
    return request;
  }

  start(argv: readonly (string | Uint8Array)[], options: StartOptions = {}, autoCredit = true): Request {
    const fields = {
      commandId: `c${this.#nextCommand++}`,
      argv,
      stdin: "none",
      stderr: "separate",
      graceMs: 0,
      credit: 1_048_576,
    };
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
    this.frame(clientFrames.ping, 7, Buffer.alloc(0));
  }

  frame(type: number, id: number, payload: Uint8Array): void {
    const bytes = frame(type, id, payload);
    this.raw(this.#kind === "text" ? `${bytes.toString("base64")}\n` : bytes);
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
    if (this.#kind === "text") {
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
    if (this.#ownsFolder) rmSync(this.folder, { recursive: true, force: true });
  }
}

export const list = (bytes: Buffer | undefined): string[] => unpackList(bytes).map(String);
