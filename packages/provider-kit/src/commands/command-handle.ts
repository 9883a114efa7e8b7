import {
  RunnerError,
  type RunnerCallOptions,
  type RunnerCancelReport,
  type RunnerCommand,
  type RunnerCommandExit,
  type RunnerCommandReason,
  type RunnerCommandResult,
  type RunnerOutputChunk,
  type RunnerOutputCursor,
  type RunnerOutputPage,
  type RunnerOutputStream,
  type RunnerSignalName,
  type RunnerTerminalSize,
  type Text,
} from "@mooring/api";
import { abortable, throwIfAborted } from "../async/abort.js";
import { expected, invalidRequest } from "../errors/expected.js";
import type { CommandBackEnd } from "./command-back-end.js";
import { CommandOutput } from "./command-output.js";
import { isEmptyPage, outputPage } from "./output-page.js";
import { journalPage } from "./journal-page.js";
import { requireSignalName, requireTerminalSize, requireWholeNumber } from "./requirements.js";

/** What a handle must know of the command that it stands for. */
export interface CommandHandleOptions {
  readonly commandId: string;
  readonly pid: number | null;
  readonly output: "retain" | "stream";
  readonly maxOutputBytes: number;
  /** Whether `write` is the caller's to use. */
  readonly writable: boolean;
  readonly terminal: boolean;
  readonly durable: boolean;
  readonly graceMs: number;
  readonly startedAtMs: number;
  readonly backEnd: CommandBackEnd;
  /** The program or the script, for lists of commands. */
  readonly title?: Text;
  /** Cancels the command when it is aborted. */
  readonly signal?: AbortSignal;
  /** Where the output begins, for a command that was attached to past its beginning. @default both from 0 */
  readonly outputStart?: { readonly stdout: number; readonly stderr: number };
}

/** How a command ended, as the back end tells it. */
export interface CommandSettlement {
  readonly exit: RunnerCommandExit;
  readonly reason: RunnerCommandReason;
  readonly durationMs: number;
}

/**
 * The one implementation of `RunnerCommand`. Whoever runs the command feeds it: `receive` and `streamEnded` for output, and
 * `settle` once, at the end.
 */
export class CommandHandle implements RunnerCommand {
  readonly commandId: string;
  readonly pid: number | null;
  readonly durable: boolean;
  readonly title: Text | undefined;
  readonly #options: CommandHandleOptions;
  readonly #output: CommandOutput;
  #stdinClosed = false;
  #result: RunnerCommandResult | undefined;
  #resultPromise: Promise<RunnerCommandResult> | undefined;
  #resolveResult: ((result: RunnerCommandResult) => void) | undefined;
  #onSettled: (() => void)[] = [];
  readonly #onAbort: (() => void) | undefined;

  constructor(options: CommandHandleOptions) {
    this.#options = options;
    this.commandId = options.commandId;
    this.pid = options.pid;
    this.durable = options.durable;
    this.title = options.title;
    this.#output = new CommandOutput({
      mode: options.output,
      maxOutputBytes: options.maxOutputBytes,
      grantCredit: (stream, bytes) => options.backEnd.grantCredit(stream, bytes),
      start: options.outputStart,
    });
    const { signal } = options;
    if (signal !== undefined) {
      this.#onAbort = () => void this.#cancelQuietly();
      if (signal.aborted) this.#onAbort();
      else signal.addEventListener("abort", this.#onAbort, { once: true });
    }
  }

  get settled(): boolean {
    return this.#result !== undefined;
  }

  /** Resolves when the command is over. Unlike `result`, it reads nothing. */
  get whenSettled(): Promise<void> {
    if (this.settled) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onSettled.push(resolve);
    });
  }

  /** How many bytes of output the handle holds when it has ended. */
  get retainedBytes(): number {
    return (this.#result?.stdout.bytes.length ?? 0) + (this.#result?.stderr.bytes.length ?? 0);
  }

  receive(stream: RunnerOutputStream, bytes: Uint8Array): void {
    this.#output.receive(stream, bytes);
  }

  /** So many bytes were written and will never come. */
  skip(stream: RunnerOutputStream, bytes: number): void {
    this.#output.skip(stream, bytes);
  }

  streamEnded(stream: RunnerOutputStream): void {
    this.#output.end(stream);
  }

  /** The command is over. Ends streams that have not ended; a second call changes nothing. */
  settle(settlement: CommandSettlement): void {
    if (this.#result !== undefined) return;
    this.#result = {
      commandId: this.commandId,
      exit: settlement.exit,
      reason: settlement.reason,
      stdout: this.#output.store("stdout").finish(),
      stderr: this.#output.store("stderr").finish(),
      startedAtMs: this.#options.startedAtMs,
      durationMs: settlement.durationMs,
    };
    this.#output.end("stdout");
    this.#output.end("stderr");
    if (this.#onAbort !== undefined) this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#resolveResult?.(this.#result);
    for (const notify of this.#onSettled.splice(0)) notify();
  }

  result(): Promise<RunnerCommandResult> {
    if (this.#resultPromise === undefined) {
      this.#output.discardUntaken();
      this.#resultPromise =
        this.#result === undefined
          ? new Promise((resolve) => {
              this.#resolveResult = resolve;
            })
          : Promise.resolve(this.#result);
    }
    return this.#resultPromise;
  }

  get output(): AsyncIterable<RunnerOutputChunk> {
    return this.#output.chunks();
  }

  get stdout(): ReadableStream<Uint8Array> {
    return this.#output.stream("stdout");
  }

  get stderr(): ReadableStream<Uint8Array> {
    return this.#output.stream("stderr");
  }

  async read(
    cursor: RunnerOutputCursor = { stdout: 0, stderr: 0 },
    options: { readonly maxBytes?: number; readonly waitMs?: number } & RunnerCallOptions = {},
  ): Promise<RunnerOutputPage> {
    throwIfAborted(options.signal, "command.read");
    const maxBytes = requireWholeNumber("maxBytes", options.maxBytes ?? 65_536, 1);
    const waitMs = requireWholeNumber("waitMs", options.waitMs ?? 0, 0);
    requireWholeNumber("cursor.stdout", cursor.stdout, 0);
    requireWholeNumber("cursor.stderr", cursor.stderr, 0);
    if (this.#options.output === "stream") {
      throw expected("output", '"retain" for `read`', "stream", { resource: "command" });
    }
    let page = outputPage(this.#output, cursor, maxBytes);
    if (waitMs > 0 && isEmptyPage(page)) {
      page = await abortable(this.#waitForPage(cursor, maxBytes, waitMs), options.signal, "command.read");
    }
    const { backEnd } = this.#options;
    const readJournal = this.durable ? backEnd.readJournal?.bind(backEnd) : undefined;
    if (page.dropped.length === 0 || readJournal === undefined) return page;
    return journalPage(page, maxBytes, (stream, offset, wanted) => readJournal(stream, offset, wanted, options.signal));
  }

  async #waitForPage(cursor: RunnerOutputCursor, maxBytes: number, waitMs: number): Promise<RunnerOutputPage> {
    let timer: NodeJS.Timeout | undefined;
    let late = false;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        late = true;
        resolve();
      }, waitMs);
    });
    try {
      for (;;) {
        await Promise.race([this.#output.changed(), deadline]);
        const page = outputPage(this.#output, cursor, maxBytes);
        if (late || !isEmptyPage(page)) return page;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async write(data: string | Uint8Array, options: RunnerCallOptions = {}): Promise<void> {
    throwIfAborted(options.signal, "command.write");
    if (!this.#options.writable) {
      throw invalidRequest('Expected a command with `stdin` "pipe" for `write`, got one without', {
        operation: "command.write",
        resource: "command",
      });
    }
    if (this.#stdinClosed || this.settled) throw this.#endedError("command.write");
    const bytes = typeof data === "string" ? Buffer.from(data, "utf8") : data;
    if (!(bytes instanceof Uint8Array)) throw expected("data", "a string or a Uint8Array", data);
    if (bytes.length === 0) return;
    await abortable(this.#options.backEnd.write(bytes), options.signal, "command.write");
  }

  async closeStdin(options: RunnerCallOptions = {}): Promise<void> {
    throwIfAborted(options.signal, "command.closeStdin");
    if (this.#stdinClosed || !this.#options.writable || this.settled) return;
    this.#stdinClosed = true;
    await abortable(this.#options.backEnd.closeStdin(), options.signal, "command.closeStdin");
  }

  async signal(name: RunnerSignalName, options: RunnerCallOptions = {}): Promise<void> {
    throwIfAborted(options.signal, "command.signal");
    requireSignalName(name);
    if (this.settled) throw this.#endedError("command.signal");
    await abortable(this.#options.backEnd.signal(name), options.signal, "command.signal");
  }

  async resize(size: RunnerTerminalSize, options: RunnerCallOptions = {}): Promise<void> {
    throwIfAborted(options.signal, "command.resize");
    requireTerminalSize("size", size);
    if (!this.#options.terminal) {
      throw invalidRequest("Expected a command with `pty` for `resize`, got one without a terminal", {
        operation: "command.resize",
        resource: "command",
      });
    }
    if (this.settled) throw this.#endedError("command.resize");
    await abortable(this.#options.backEnd.resize(size), options.signal, "command.resize");
  }

  async cancel(options: { readonly graceMs?: number } & RunnerCallOptions = {}): Promise<RunnerCancelReport> {
    throwIfAborted(options.signal, "command.cancel");
    const graceMs = requireWholeNumber("graceMs", options.graceMs ?? this.#options.graceMs, 0);
    return abortable(this.#cancel(graceMs), options.signal, "command.cancel");
  }

  async #cancelQuietly(): Promise<void> {
    // The result tells what became of it; a back end that is gone settles the command itself.
    await this.#cancel(this.#options.graceMs).catch(() => undefined);
  }

  /** A far side that lives, but does not answer this, may never say how the command ended: then nobody knows. */
  async #cancel(graceMs: number): Promise<RunnerCancelReport> {
    try {
      return await this.#options.backEnd.cancel(graceMs);
    } catch (error) {
      if (RunnerError.is(error) && error.code === "timeout") {
        this.settle({
          exit: { kind: "unknown", detail: error.message },
          reason: "cancelled",
          durationMs: Date.now() - this.#options.startedAtMs,
        });
      }
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.durable) return;
    await this.#cancelQuietly();
  }

  #endedError(operation: string): RunnerError {
    const what = this.settled ? "has ended" : "has no open standard input";
    return new RunnerError("ended", `Command ${this.commandId} ${what}`, {
      operation,
      resource: "command",
      retryable: false,
      phase: "after_end",
    });
  }
}
