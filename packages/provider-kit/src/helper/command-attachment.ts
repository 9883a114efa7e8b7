import { RunnerError } from "@mooring/api";
import { cancelledError } from "../async/abort.js";
import { CommandHandle } from "../commands/command-handle.js";
import { HelperCommandBackEnd, outputWindowBytes } from "./command-back-end.js";
import { CommandFollower } from "./command-follower.js";
import type { Connection } from "./connection.js";
import { type CallDescription, disconnectedError, helperError } from "./helper-error.js";
import { type HelperRecord, readNumber } from "./record-reader.js";
import type { RequestHandler } from "./request-handler.js";

const description: CallDescription = { operation: "commands.attach", resource: "command", isAtomic: true };
const maxOutputBytes = 1_048_576;
const graceMs = 2_000;

interface Offsets {
  readonly stdout: number;
  readonly stderr: number;
}

/** Attaches to a command that this process has no handle of, from the oldest byte that is kept. */
export class CommandAttachment {
  readonly #connection: Connection;
  readonly #commandId: string;
  readonly #signal: AbortSignal | undefined;

  constructor(connection: Connection, commandId: string, signal: AbortSignal | undefined) {
    this.#connection = connection;
    this.#commandId = commandId;
    this.#signal = signal;
  }

  async attached(): Promise<CommandHandle> {
    let offsets: Offsets = { stdout: 0, stderr: 0 };
    while (true) {
      try {
        return await this.#attachFrom(offsets);
      } catch (error) {
        if (!RunnerError.is(error) || error.code !== "expired") throw error;
        const floors = {
          stdout: floor(error.details?.["floorStdout"]),
          stderr: floor(error.details?.["floorStderr"]),
        };
        // A command that still writes may trim its journal once more before we are there; what does not rise makes no sense.
        if (floors.stdout <= offsets.stdout && floors.stderr <= offsets.stderr) throw error;
        offsets = floors;
      }
    }
  }

  #attachFrom(offsets: Offsets): Promise<CommandHandle> {
    return new Promise((resolve, reject) => {
      const signal = this.#signal;
      const attempt = new AttachmentAttempt(this.#connection, this.#commandId, offsets, resolve, reject);
      if (signal === undefined) return;
      // A handle that turns up after the abort is let go: attaching started nothing.
      const onAbort = () => reject(cancelledError(signal, description.operation, "unknown"));
      if (signal.aborted) onAbort();
      else signal.addEventListener("abort", onAbort, { once: true });
      attempt.whenDecided(() => signal.removeEventListener("abort", onAbort));
    });
  }
}

function floor(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

class AttachmentAttempt implements RequestHandler {
  readonly #commandId: string;
  readonly #offsets: Offsets;
  readonly #backEnd: HelperCommandBackEnd;
  readonly #resolve: (handle: CommandHandle) => void;
  readonly #reject: (error: RunnerError) => void;
  #follower: CommandFollower | undefined;
  #decided: () => void = () => undefined;

  constructor(
    connection: Connection,
    commandId: string,
    offsets: Offsets,
    resolve: (handle: CommandHandle) => void,
    reject: (error: RunnerError) => void,
  ) {
    this.#commandId = commandId;
    this.#offsets = offsets;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#backEnd = new HelperCommandBackEnd(connection, commandId);
    this.#backEnd.requestId = connection.request(
      "command.attach",
      (writer) =>
        writer
          .field("commandId", commandId)
          .field("stdoutOffset", offsets.stdout)
          .field("stderrOffset", offsets.stderr)
          .field("credit", outputWindowBytes),
      this,
    );
  }

  whenDecided(decided: () => void): void {
    this.#decided = decided;
  }

  onEvent(record: HelperRecord): void {
    if (this.#follower !== undefined) {
      if (record.get("event")?.toString("latin1") === "dropped") this.#follower.onDropped(record);
      return;
    }
    const handle = new CommandHandle({
      commandId: this.#commandId,
      pid: readNumber(record, "pid"),
      output: "retain",
      maxOutputBytes,
      writable: false,
      terminal: false,
      durable: true,
      graceMs,
      startedAtMs: record.has("startedAtMs") ? readNumber(record, "startedAtMs") : Date.now(),
      backEnd: this.#backEnd,
      outputStart: this.#offsets,
    });
    this.#follower = new CommandFollower(handle, undefined, this.#offsets);
    this.#decided();
    this.#resolve(handle);
  }

  onData(channel: number, bytes: Buffer): void {
    this.#backEnd.take(channel, bytes.length);
    this.#follower?.onData(channel, bytes);
  }

  onEnd(channel: number): void {
    this.#follower?.onEnd(channel);
  }

  onResult(record: HelperRecord): void {
    this.#follower?.onResult(record);
    this.#decided();
    if (this.#follower === undefined) {
      this.#reject(
        new RunnerError("corrupt", "commands.attach: the helper ended a command that it did not show", {
          operation: description.operation,
          resource: description.resource,
          retryable: false,
        }),
      );
    }
  }

  onError(record: HelperRecord): void {
    this.#failed(helperError(record, description));
  }

  onLost(error: RunnerError): void {
    if (this.#follower !== undefined) this.#follower.onLost(error);
    else this.#failed(disconnectedError(error, description, true));
  }

  #failed(error: RunnerError): void {
    this.#decided();
    if (this.#follower === undefined) this.#reject(error);
    else this.#follower.onFailure(error, "disconnected");
  }
}
