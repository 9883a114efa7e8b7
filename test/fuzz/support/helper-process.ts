import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { perlHelperSource } from "../../../packages/provider-kit/src/generated/helper-source.js";
import { helperBootArgv, helperHeader } from "../../../packages/provider-kit/src/helper-boot.js";
import { readRecord } from "../../../packages/provider-kit/src/helper/record-reader.js";
import { Violation } from "../oracles/violation.js";
import { frame, packMessage } from "../../../packages/provider-kit/test/support/helper-records.js";

const nonce = "0123456789abcdef0123456789abcdef";
/** Long enough for a machine that has much else to do: only a hang takes it. */
const hangMs = 30_000;
const mostResidentBytes = 192 * 1_048_576;

export interface HelperFrame {
  readonly type: number;
  readonly id: number;
  readonly payload: Buffer;
}

/** A real helper with a session in a directory of its own, and what it has said. */
export class HelperProcess implements AsyncDisposable {
  readonly folder: string;
  readonly workspace: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #exited: Promise<number | null>;
  #received: Buffer = Buffer.alloc(0);
  #greeted = false;
  #waiting: (() => void)[] = [];
  frames: HelperFrame[] = [];
  complaint = "";
  exitCode: number | null | undefined;

  private constructor(folder: string) {
    this.folder = folder;
    this.workspace = join(folder, "workspace");
    const [program = "", ...args] = helperBootArgv;
    this.#child = spawn(program, args, {
      cwd: "/",
      detached: true,
      env: { PATH: "/usr/bin:/bin", HOME: folder, XDG_STATE_HOME: join(folder, "state") },
    });
    this.#child.stdin.on("error", () => undefined);
    this.#child.stderr.on("data", (chunk: Buffer) => (this.complaint += chunk.toString().slice(0, 10_000)));
    this.#child.stdout.on("data", (chunk: Buffer) => this.#receive(chunk));
    this.#exited = new Promise((resolve) => {
      this.#child.once("close", (code) => {
        this.exitCode = code;
        this.#wake();
        resolve(code);
      });
    });
    this.#child.stdin.write(helperHeader(perlHelperSource, nonce, "bytes") + perlHelperSource);
  }

  static async open(): Promise<HelperProcess> {
    const folder = await mkdtemp(join(tmpdir(), "mooring-fuzz-"));
    await mkdir(join(folder, "workspace"));
    const helper = new HelperProcess(folder);
    // Below those of all that is tried: a helper takes requests in ascending order only.
    const id = 0;
    helper.send(
      frame(
        0x01,
        id,
        packMessage({
          op: "session.open",
          root: helper.workspace,
          env: ["PATH=/usr/bin:/bin"],
          confinement: "workspace-write",
          sessionId: "fuzz",
          mode: "create",
          leaseMs: 600_000,
        }),
      ),
    );
    await helper.until(() => helper.frames.some((one) => one.id === id));
    if (helper.frames.some((one) => one.type !== 0x81)) throw new Error(`No session was opened: ${helper.complaint}`);
    return helper;
  }

  send(bytes: Buffer): void {
    this.#child.stdin.write(bytes);
  }

  /** Whether it answers a PING in time; it may have ended instead. */
  async answers(id: number, withinMs: number): Promise<boolean> {
    this.send(frame(0x06, id));
    const answered = () => this.frames.some((one) => one.type === 0x87 && one.id === id) || this.exitCode !== undefined;
    return this.#waitFor(answered, withinMs);
  }

  async until(condition: () => boolean): Promise<void> {
    if (!(await this.#waitFor(() => condition() || this.exitCode !== undefined, hangMs))) {
      throw new Violation(`The helper said nothing for ${hangMs} ms`);
    }
  }

  /** Ends its input and sees to it that all of it is gone. */
  async end(): Promise<void> {
    this.#child.stdin.end();
    if (!(await this.#waitFor(() => this.exitCode !== undefined, hangMs))) {
      throw new Violation(`The helper did not end in ${hangMs} ms after its input`);
    }
    for (let tries = 0; this.#leftBehind().length > 0; tries++) {
      if (tries > 200) throw new Violation(`The helper left the processes ${this.#leftBehind().join(", ")}`);
      await sleep(25);
    }
  }

  /** Fails when the helper holds more memory than any of its work needs. */
  async requireBounded(): Promise<void> {
    const pid = this.#child.pid ?? 0;
    const statm = await readFile(`/proc/${pid}/statm`, "utf8").catch(() => "0 0");
    const bytes = Number(statm.split(" ")[1]) * 4_096;
    if (bytes > mostResidentBytes) throw new Violation(`The helper holds ${bytes} bytes`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.end();
    } finally {
      for (const pid of this.#leftBehind()) process.kill(pid, "SIGKILL");
      await this.#exited;
      await rm(this.folder, { recursive: true, force: true });
    }
  }

  /** Processes that have our directory in their environment: the helper and all that it forked. */
  #leftBehind(): number[] {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => {
        try {
          return readFileSync(`/proc/${pid}/environ`, "latin1").includes(this.folder);
        } catch {
          return false;
        }
      });
  }

  async #waitFor(condition: () => boolean, milliseconds: number): Promise<boolean> {
    const endsAt = performance.now() + milliseconds;
    while (!condition()) {
      const left = endsAt - performance.now();
      if (left <= 0) return false;
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        timer = setTimeout(resolve, left);
        this.#waiting.push(resolve);
      });
      clearTimeout(timer);
    }
    return true;
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    if (!this.#greeted) {
      const end = this.#received.indexOf(`MOORING/1 ${nonce}\n`);
      if (end === -1) return;
      this.#greeted = true;
      this.#received = this.#received.subarray(this.#received.indexOf("\n", end) + 1);
    }
    while (this.#received.length >= 9 && this.#received.length >= 4 + this.#received.readUInt32BE(0)) {
      const length = 4 + this.#received.readUInt32BE(0);
      this.frames.push({
        type: this.#received[4] ?? 0,
        id: this.#received.readUInt32BE(5),
        payload: this.#received.subarray(9, length),
      });
      this.#received = this.#received.subarray(length);
    }
    this.#wake();
  }
}

/** What a frame says, without what differs from run to run. */
export function featureOf({ type, payload }: HelperFrame): string {
  if (type !== 0x82) return type.toString(16);
  const record = readRecord(payload);
  const message = record.get("message")?.toString() ?? "";
  return `error ${record.get("code")?.toString() ?? record.get("errno")?.toString()} ${message.replaceAll(/`[^`]*`|\d+/g, "").slice(0, 60)}`;
}
