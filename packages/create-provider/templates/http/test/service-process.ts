import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { ServerResponse } from "node:http";
import process from "node:process";
import { pipeline, type Readable, type Writable } from "node:stream";

/** How long a request for input waits for room. */
const roomMs = 5_000;

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A process of the example service. */
export class ServiceProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #exit: Promise<ProcessExit>;
  readonly #readers = new Set<ServerResponse>();
  #taken = 0;

  private constructor(child: ChildProcessByStdio<Writable, Readable, Readable>) {
    this.#child = child;
    this.#exit = new Promise((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
    child.stdin.on("error", () => undefined);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Nothing when there is no such program. */
  static async start(
    [program = "", ...args]: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<ServiceProcess | undefined> {
    // `detached` makes it the leader of a session and a group of its own, which can be killed as one.
    const child = spawn(program, args, { cwd: "/", detached: true, env, stdio: ["pipe", "pipe", "pipe"] });
    const started = new ServiceProcess(child);
    return await new Promise((resolve) => {
      child.once("spawn", () => resolve(started));
      child.once("error", () => resolve(undefined));
    });
  }

  /** Sends a stream to its reader, with back-pressure. A reader that leaves before its end ends the input. */
  pipe(stream: "stdout" | "stderr", response: ServerResponse): void {
    response.writeHead(200).flushHeaders();
    this.#readers.add(response);
    pipeline(this.#child[stream], response, (error) => {
      this.#readers.delete(response);
      if (error !== undefined && error !== null) this.endInput();
    });
  }

  /** How many bytes were taken; nothing when the input is over. What was taken before, and is sent again, counts. */
  async write(offset: number, bytes: Buffer): Promise<number | undefined> {
    const { stdin } = this.#child;
    if (!stdin.writable) return undefined;
    const known = Math.min(this.#taken - offset, bytes.length);
    if (known < 0) return undefined;
    if (known === bytes.length) return known;
    if (stdin.writableNeedDrain && !(await this.#room())) return known;
    if (!stdin.writable) return undefined;
    this.#taken = offset + bytes.length;
    stdin.write(bytes.subarray(known));
    return bytes.length;
  }

  /** Breaks the connections of its readers. */
  cut(): void {
    for (const response of this.#readers) response.destroy();
  }

  endInput(): void {
    this.#child.stdin.end();
  }

  async exitWithin(milliseconds: number): Promise<ProcessExit | undefined> {
    return await within(milliseconds, this.#exit);
  }

  kill(): void {
    const { pid, exitCode, signalCode } = this.#child;
    // Once it was waited for, its number may be another's.
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }

  async #room(): Promise<boolean> {
    const { stdin } = this.#child;
    const drained = new Promise<true>((resolve) => {
      stdin.once("drain", () => resolve(true));
      stdin.once("close", () => resolve(true));
    });
    return (await within(roomMs, drained)) ?? false;
  }
}

async function within<Value>(milliseconds: number, promise: Promise<Value>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, milliseconds, undefined);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
