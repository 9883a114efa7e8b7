import { RunnerError, type RunnerOutputStream } from "@mooring/api";
import type { CommandHandle, CommandSettlement } from "../commands/command-handle.js";
import { errorChannel, inputChannel, outputChannel } from "./frame-types.js";
import type { InputSender } from "./input-sender.js";
import { corrupt, type HelperRecord, readNumber, readText } from "./record-reader.js";

const reasons = ["exited", "timeout", "cancelled", "closed", "out_of_memory"] as const;

/** Feeds a command's handle with what the helper says of it, from its start to its end. */
export class CommandFollower {
  readonly handle: CommandHandle;
  readonly #startedAt = performance.now();
  readonly #input: InputSender | undefined;
  /** How far each stream has come. */
  readonly #offsets: Record<RunnerOutputStream, number>;

  constructor(
    handle: CommandHandle,
    input: InputSender | undefined,
    start: Readonly<Record<RunnerOutputStream, number>> = { stdout: 0, stderr: 0 },
  ) {
    this.handle = handle;
    this.#input = input;
    this.#offsets = { ...start };
  }

  onData(channel: number, bytes: Buffer): void {
    const stream = channel === outputChannel ? "stdout" : channel === errorChannel ? "stderr" : undefined;
    if (stream === undefined) return;
    this.#offsets[stream] += bytes.length;
    this.handle.receive(stream, bytes);
  }

  onEnd(channel: number): void {
    if (channel === outputChannel) this.handle.streamEnded("stdout");
    else if (channel === errorChannel) this.handle.streamEnded("stderr");
  }

  /** What the journal has given up before it could be sent: the command wrote faster than anybody read. */
  onDropped(record: HelperRecord): void {
    const stream = readNumber(record, "channel") === errorChannel ? "stderr" : "stdout";
    const skipped = readNumber(record, "bytes");
    this.#offsets[stream] += skipped;
    this.handle.skip(stream, skipped);
  }

  onCredit(channel: number, bytes: number): void {
    if (channel === inputChannel) this.#input?.grant(bytes);
  }

  /** Throws `corrupt` for an answer that makes no sense, and when output is missing or came twice. */
  onResult(record: HelperRecord): void {
    const settlement = commandSettlement(record);
    for (const stream of ["stdout", "stderr"] as const) {
      const said = record.has(`${stream}Bytes`) ? readNumber(record, `${stream}Bytes`) : this.#offsets[stream];
      if (said !== this.#offsets[stream]) {
        throw corrupt(`${this.#offsets[stream]} bytes of ${stream}, and says that they are ${said}`);
      }
    }
    this.#settle(settlement);
  }

  /** After the start an error says only that the helper does not know how the command ended. */
  onFailure(error: RunnerError, reason: "disconnected" | "closed"): void {
    this.#settle({
      exit: { kind: "unknown", detail: error.message },
      reason,
      durationMs: performance.now() - this.#startedAt,
    });
  }

  /** The helper is gone. A durable command runs on when the session was only let go. */
  onLost(error: RunnerError): void {
    const closed = error.code === "ended" && !this.handle.durable;
    this.onFailure(error, closed ? "closed" : "disconnected");
  }

  #settle(settlement: CommandSettlement): void {
    this.#input?.close(
      new RunnerError("ended", `Command ${this.handle.commandId} has ended`, {
        operation: "command.write",
        resource: "command",
        retryable: false,
        phase: "after_end",
      }),
    );
    this.handle.settle(settlement);
  }
}

/** What a RESULT of `command.start` or `command.attach` says. */
function commandSettlement(record: HelperRecord): CommandSettlement {
  const kind = readText(record, "exit");
  const reason = readText(record, "reason");
  return {
    exit:
      kind === "code"
        ? { kind, code: readNumber(record, "value") }
        : kind === "signal"
          ? { kind, signal: readText(record, "value") }
          : { kind: "unknown", detail: record.get("value")?.toString("utf8") ?? "the far side does not know" },
    reason: reasons.find((known) => known === reason) ?? "exited",
    durationMs: readNumber(record, "durationUs") / 1000,
  };
}
