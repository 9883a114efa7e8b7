import type { RunnerOutputStream } from "@mooring/api";
import type { Readable } from "node:stream";
import type { CommandHandle } from "../commands/command-handle.js";
import type { TransportProcess } from "../transport.js";

const windowBytes = 1_048_576;
const drainMs = 100;

/** Feeds a command's output to its handle no faster than it is taken, and knows when it is over. */
export class CommandStreams {
  readonly #process: TransportProcess;
  readonly #credit: Record<RunnerOutputStream, number> = { stdout: windowBytes, stderr: windowBytes };
  readonly #open = new Set<RunnerOutputStream>(["stdout", "stderr"]);
  #handle: CommandHandle | undefined;
  #early: [RunnerOutputStream, Buffer][] = [];
  #waiters: (() => void)[] = [];
  #wakesOnData = false;

  constructor(process: TransportProcess) {
    this.#process = process;
    for (const name of ["stdout", "stderr"] as const) {
      process[name].once("close", () => this.#ended(name));
      process[name].once("end", () => this.#ended(name));
      process[name].on("error", () => this.#ended(name));
    }
  }

  attach(handle: CommandHandle): void {
    this.#handle = handle;
    for (const [name, bytes] of this.#early) this.#deliver(handle, name, bytes);
    this.#early = [];
    for (const name of ["stdout", "stderr"] as const) if (!this.#open.has(name)) handle.streamEnded(name);
  }

  receive(name: RunnerOutputStream, bytes: Buffer): void {
    if (this.#handle === undefined) this.#early.push([name, bytes]);
    else this.#deliver(this.#handle, name, bytes);
  }

  grant(name: RunnerOutputStream, bytes: number): void {
    this.#credit[name] += bytes;
    if (this.#credit[name] > 0 && this.#process[name].isPaused()) {
      this.#process[name].resume();
      this.#wake();
    }
  }

  /**
   * Resolves when both streams have ended, or a child that holds them has said nothing that matters for a while. A reader that
   * is slow is waited for: what the command itself wrote is still in the pipe.
   */
  drained(): Promise<void> {
    return this.#quiet(drainMs, Infinity);
  }

  get haveEnded(): boolean {
    return this.#open.size === 0;
  }

  /** For a command of which nobody is left: waits for as long as output still comes, with pauses of so long. */
  async arrived(quietMs: number, mostMs: number): Promise<void> {
    this.#wakesOnData = true;
    await this.#quiet(quietMs, performance.now() + mostMs);
  }

  /** From now on output is read and dropped, so that those who write it neither stall nor die of it. */
  discard(): void {
    for (const stream of [this.#process.stdout, this.#process.stderr] satisfies Readable[]) {
      stream.removeAllListeners("data");
      stream.resume();
    }
  }

  #deliver(handle: CommandHandle, name: RunnerOutputStream, bytes: Buffer): void {
    this.#credit[name] -= bytes.length;
    handle.receive(name, bytes);
    if (this.#wakesOnData) this.#wake();
    if (this.#credit[name] <= 0) this.#process[name].pause();
  }

  #ended(name: RunnerOutputStream): void {
    if (!this.#open.delete(name)) return;
    this.#handle?.streamEnded(name);
    this.#wake();
  }

  async #quiet(quietMs: number, untilMs: number): Promise<void> {
    while (this.#open.size > 0 && performance.now() < untilMs) {
      const waiting = [...this.#open].some((name) => this.#process[name].isPaused());
      const over = await this.#change(waiting ? undefined : quietMs);
      if (over && !waiting) return;
    }
  }

  /** Resolves to whether the time was over before anything changed. */
  #change(milliseconds: number | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      const timer =
        milliseconds === undefined
          ? undefined
          : // What is readable by now is read first: a busy process of ours is not the command's fault.
            setTimeout(() => setImmediate(() => setImmediate(() => resolve(true))), milliseconds);
      this.#waiters.push(() => {
        clearTimeout(timer);
        resolve(false);
      });
    });
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}
