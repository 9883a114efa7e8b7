import {
  RunnerError,
  type RunnerCancelReport,
  type RunnerCommandExit,
  type RunnerCommandReason,
  type RunnerOutputStream,
  type RunnerSignalName,
} from "@mooring/api";
import { within } from "../async/within.js";
import type { CommandBackEnd } from "../commands/command-back-end.js";
import { CommandHandle } from "../commands/command-handle.js";
import type { NormalizedCommand } from "../commands/normalize-request.js";
import { unsupported } from "../errors/expected.js";
import type { TransportExit, TransportProcess } from "../transport.js";
import type { CommandStreams } from "./command-streams.js";
import type { ProcessGroup, ShellControl } from "./shell-control.js";

/** A command that was let go, and what its shell told of it. */
export interface StartedCommand {
  readonly command: NormalizedCommand;
  readonly process: TransportProcess;
  readonly streams: CommandStreams;
  readonly control: ShellControl;
  readonly pid: number;
  readonly group: ProcessGroup;
  readonly signal: AbortSignal | undefined;
  readonly leaseMs: number;
}

/** Output that is still on its way when the end is told: how long it may pause, and take in all. */
const [pauseMs, lateOutputMs] = [500, 20_000];

/** What the transport says of a command whose session is lost may be of the loss's own making. */
const lostExit: RunnerCommandExit = { kind: "unknown", detail: "the connection to the runner was lost" };

/** A running command: the transport's process is the command itself, its group is ended through the control shell. */
export class ShellCommand implements CommandBackEnd {
  readonly handle: CommandHandle;
  readonly group: ProcessGroup;
  readonly title: NormalizedCommand["title"];
  readonly graceMs: number;
  readonly #started: StartedCommand;
  readonly #begin = performance.now();
  /** Resolves when the handle has its result. */
  readonly settled: Promise<void>;
  #reason: RunnerCommandReason | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(started: StartedCommand) {
    const { command, signal } = started;
    this.#started = started;
    this.group = started.group;
    this.title = command.title;
    this.graceMs = command.graceMs;
    this.settled = this.#follow();
    this.handle = new CommandHandle({
      commandId: command.commandId,
      pid: started.pid,
      output: command.output,
      maxOutputBytes: command.maxOutputBytes,
      writable: command.stdin.kind === "pipe",
      terminal: false,
      durable: false,
      graceMs: command.graceMs,
      startedAtMs: Date.now(),
      backEnd: this,
      ...(signal === undefined ? {} : { signal }),
    });
    started.streams.attach(this.handle);
    this.#feed();
    if (command.timeoutMs !== undefined) this.#startTimer(command.timeoutMs);
  }

  /** Ends it, and what its group holds in the background. */
  async stop(reason: RunnerCommandReason, graceMs: number): Promise<RunnerCancelReport> {
    const running = this.noteReason(reason);
    const { before, survivors } = await this.#endGroup(graceMs);
    if (running && survivors.length === 0) await this.settledSoon();
    // Who left the group by a session of its own cannot be seen.
    return { cancelled: before > 0, survivors, confirmed: false };
  }

  /** For a command whose group is gone: a transport that does not tell its end by now has lost it. */
  async settledSoon(): Promise<void> {
    const { leaseMs, process } = this.#started;
    if ((await within(leaseMs, process.exited, "unknown")) === "unknown") this.lose();
    else await this.settled;
  }

  /** Why it will have ended; the first reason wins. Returns whether it still runs. */
  noteReason(reason: RunnerCommandReason): boolean {
    if (this.handle.settled) return false;
    this.#reason ??= reason;
    return true;
  }

  /** The session was lost: what is not known is not invented. */
  lose(): void {
    if (this.handle.settled) return;
    this.#reason ??= "disconnected";
    this.#settle(lostExit);
    this.#started.process.kill();
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#started.process.stdin.write(bytes, (error) => {
        if (error) reject(this.#inputClosed());
        else resolve();
      });
    });
  }

  async closeStdin(): Promise<void> {
    this.#started.process.stdin.end();
  }

  async signal(name: RunnerSignalName): Promise<void> {
    if (await this.#started.control.signal(this.group, name.slice(3))) return;
    throw new RunnerError("ended", `Command ${this.handle.commandId} has ended`, {
      operation: "command.signal",
      resource: "command",
      retryable: false,
      phase: "after_end",
    });
  }

  async resize(): Promise<void> {
    throw unsupported("This session has no terminals");
  }

  cancel(graceMs: number): Promise<RunnerCancelReport> {
    return this.stop("cancelled", graceMs);
  }

  grantCredit(stream: RunnerOutputStream, bytes: number): void {
    this.#started.streams.grant(stream, bytes);
  }

  async #endGroup(graceMs: number): Promise<{ before: number; survivors: number[] }> {
    try {
      const { before, survivors } = await this.#started.control.end([this.group], graceMs);
      return { before: before.length, survivors: survivors.map(({ pid }) => pid) };
    } catch (error) {
      // The control shell is gone, and sweeps as it goes; this is all that is left to do.
      this.#started.process.kill();
      throw error;
    }
  }

  #startTimer(timeoutMs: number): void {
    const longest = 2_147_483_647;
    this.#timer = setTimeout(
      () => {
        if (timeoutMs > longest) this.#startTimer(timeoutMs - longest);
        else void this.stop("timeout", this.#started.command.graceMs).catch(() => undefined);
      },
      Math.min(timeoutMs, longest),
    );
  }

  async #follow(): Promise<void> {
    const exit = await this.#started.process.exited;
    const durationMs = performance.now() - this.#begin;
    clearTimeout(this.#timer);
    await this.#drained();
    // A signal may be the work of whoever takes the session over; that was said before it was sent.
    if (exit.signal !== null) await new Promise((resolve) => setImmediate(resolve));
    this.#settle(this.#reason === "disconnected" ? lostExit : commandExit(exit), durationMs);
  }

  /** Where nobody of its group is left to hold its output open, what has not come yet is on its way. */
  async #drained(): Promise<void> {
    const { streams, control } = this.#started;
    await streams.drained();
    if (streams.haveEnded) return;
    const holders = await control.members([this.group]).catch(() => undefined);
    if (holders?.length === 0) await streams.arrived(pauseMs, lateOutputMs);
  }

  #settle(exit: RunnerCommandExit, durationMs = performance.now() - this.#begin): void {
    clearTimeout(this.#timer);
    const reason = this.#reason ?? (exit.kind === "unknown" ? "disconnected" : "exited");
    this.handle.settle({ exit, reason, durationMs });
    this.#started.streams.discard();
    this.#started.process.stdin.destroy();
  }

  #feed(): void {
    const { command, process } = this.#started;
    const { stdin } = command;
    if (stdin.kind === "none") process.stdin.end();
    else if (stdin.kind === "bytes") process.stdin.end(stdin.bytes);
    else if (stdin.kind === "stream") void this.#pump(stdin.stream);
  }

  /** A source that fails must not look like an end of input: the command is cancelled. */
  async #pump(source: ReadableStream<Uint8Array>): Promise<void> {
    const reader = source.getReader();
    const left = this.settled.then(() => reader.cancel().catch(() => undefined));
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        if (!(value instanceof Uint8Array)) throw new TypeError("a chunk is no Uint8Array");
        await this.write(value);
      }
      this.#started.process.stdin.end();
    } catch (error) {
      await reader.cancel(error).catch(() => undefined);
      if (!RunnerError.is(error)) await this.stop("cancelled", this.#started.command.graceMs).catch(() => undefined);
    }
    await left;
  }

  #inputClosed(): RunnerError {
    return new RunnerError("ended", `Command ${this.handle.commandId} no longer reads its standard input`, {
      operation: "command.write",
      resource: "command",
      retryable: false,
      phase: "running",
    });
  }
}

function commandExit({ code, signal }: TransportExit): RunnerCommandExit {
  if (signal !== null && signal !== "") return { kind: "signal", signal };
  if (code !== null) return { kind: "code", code };
  return { kind: "unknown", detail: "the transport does not know how the process ended" };
}
