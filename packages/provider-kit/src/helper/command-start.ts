import { RunnerError } from "@mooring/api";
import { cancelledError } from "../async/abort.js";
import { CommandHandle } from "../commands/command-handle.js";
import type { NormalizedCommand } from "../commands/normalize-request.js";
import { HelperCommandBackEnd, outputWindowBytes } from "./command-back-end.js";
import { CommandFollower } from "./command-follower.js";
import type { Connection } from "./connection.js";
import { type CallDescription, disconnectedError, helperError } from "./helper-error.js";
import { InputSender } from "./input-sender.js";
import { corrupt, type HelperRecord, readNumber } from "./record-reader.js";
import type { RequestWriter } from "./record-writer.js";
import type { RequestHandler } from "./request-handler.js";

const description: CallDescription = { operation: "commands.start", resource: "command", isAtomic: true };

/** One `command.start`: a promise of the handle until the program was executed, its feeder afterwards. */
export class CommandStart implements RequestHandler {
  readonly #command: NormalizedCommand;
  readonly #signal: AbortSignal | undefined;
  readonly #backEnd: HelperCommandBackEnd;
  readonly #input: InputSender | undefined;
  #follower: CommandFollower | undefined;
  #resolve: (handle: CommandHandle) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #onAbort: (() => void) | undefined;
  /** Before the start: what was to be read is incomplete, so the command must not end as if it were not. */
  #inputFailed = false;
  readonly started: Promise<CommandHandle>;

  constructor(connection: Connection, command: NormalizedCommand, signal: AbortSignal | undefined) {
    this.#command = command;
    this.#signal = signal;
    this.#backEnd = new HelperCommandBackEnd(connection, command.commandId);
    this.started = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const id = connection.request("command.start", (writer) => writeStart(writer, command), this);
    this.#backEnd.requestId = id;
    if (command.stdin.kind !== "none") {
      this.#input = new InputSender(connection, id);
      this.#backEnd.input = this.#input;
    }
    if (signal !== undefined) {
      this.#onAbort = () => this.#cancel();
      signal.addEventListener("abort", this.#onAbort, { once: true });
    }
    this.#feedInput();
  }

  #feedInput(): void {
    const { stdin } = this.#command;
    if (this.#input === undefined || stdin.kind === "none" || stdin.kind === "pipe") return;
    if (stdin.kind === "bytes") {
      // A command that ends without reading all of it is no failure of ours.
      if (stdin.bytes.length > 0) this.#input.send(stdin.bytes).catch(() => undefined);
      this.#input.end();
      return;
    }
    // A source that fails must not look like an end of input: the command is cancelled.
    void this.#input.pump(stdin.stream, "stdin").catch((error: unknown) => {
      if (RunnerError.is(error) && error.code === "ended") return;
      this.#inputFailed = true;
      if (this.#follower !== undefined) this.#cancel();
    });
  }

  #cancel(): void {
    this.#backEnd.cancel(this.#command.graceMs).catch((error: unknown) => {
      // A far side that lives and answers nothing: whether the command was started stays unknown.
      if (this.#follower === undefined && RunnerError.is(error) && error.code === "timeout") this.#fail(error);
    });
  }

  onEvent(record: HelperRecord): void {
    if (this.#follower !== undefined) {
      if (record.get("event")?.toString("latin1") === "dropped") this.#follower.onDropped(record);
      return;
    }
    const command = this.#command;
    const handle = new CommandHandle({
      commandId: command.commandId,
      pid: readNumber(record, "pid"),
      title: command.title,
      output: command.output,
      maxOutputBytes: command.maxOutputBytes,
      writable: command.stdin.kind === "pipe",
      terminal: command.pty !== undefined,
      durable: command.durable,
      graceMs: command.graceMs,
      startedAtMs: Date.now(),
      backEnd: this.#backEnd,
      // An abort from before is being carried out; the handle sees to later ones.
      signal: this.#signal?.aborted === true ? undefined : this.#signal,
    });
    this.#dropAbort();
    this.#follower = new CommandFollower(handle, this.#input);
    if (this.#inputFailed) this.#cancel();
    this.#resolve(handle);
  }

  onData(channel: number, bytes: Buffer): void {
    this.#backEnd.take(channel, bytes.length);
    this.#follower?.onData(channel, bytes);
  }

  onEnd(channel: number): void {
    this.#follower?.onEnd(channel);
  }

  onCredit(channel: number, bytes: number): void {
    if (this.#follower === undefined) this.#input?.grant(bytes);
    else this.#follower.onCredit(channel, bytes);
  }

  onResult(record: HelperRecord): void {
    if (this.#follower === undefined) this.#fail(corrupt("a result of a command that it never started"));
    else this.#follower.onResult(record);
  }

  onError(record: HelperRecord): void {
    const error = helperError(record, description);
    if (this.#follower !== undefined) this.#follower.onFailure(error, "disconnected");
    else if (this.#signal?.aborted === true && error.code === "cancelled") {
      this.#fail(cancelledError(this.#signal, description.operation, "before_start"));
    } else this.#fail(error);
  }

  onLost(error: RunnerError): void {
    if (this.#follower === undefined) this.#fail(disconnectedError(error, description, true));
    else this.#follower.onLost(error);
  }

  #fail(error: RunnerError): void {
    this.#dropAbort();
    this.#input?.close(error);
    this.#reject(error);
  }

  #dropAbort(): void {
    if (this.#onAbort !== undefined) this.#signal?.removeEventListener("abort", this.#onAbort);
  }
}

function writeStart(writer: RequestWriter, command: NormalizedCommand): void {
  writer
    .field("commandId", command.commandId)
    .list("argv", command.argv)
    .field("cwd", command.cwd)
    .field("stdin", command.stdin.kind === "none" ? "none" : "pipe")
    .field("stderr", command.stderr)
    .field("timeoutMs", command.timeoutMs)
    .field("graceMs", command.graceMs)
    .field("durable", command.durable)
    .field("maxJournalBytes", command.maxJournalBytes)
    .field("credit", outputWindowBytes);
  if (command.env.length > 0) writer.list("env", command.env);
  if (command.pty !== undefined) writer.field("columns", command.pty.columns).field("rows", command.pty.rows);
}
