import {
  RunnerError,
  type RunnerCancelReport,
  type RunnerOutputStream,
  type RunnerSignalName,
  type RunnerTerminalSize,
} from "@mooring/api";
import type { CommandBackEnd } from "../commands/command-back-end.js";
import { call, type Call } from "./call.js";
import type { Connection } from "./connection.js";
import { CreditWindow } from "./credit-window.js";
import { errorChannel, maxInlineBytes, outputChannel } from "./frame-types.js";
import type { InputSender } from "./input-sender.js";
import { type HelperRecord, readNumbers } from "./record-reader.js";

/** How much output of each stream may be on its way at once. */
export const outputWindowBytes = 2_097_152;

/** A running command over the resident helper, by its id. */
export class HelperCommandBackEnd implements CommandBackEnd {
  readonly #connection: Connection;
  readonly #commandId: string;
  readonly #credit: Record<RunnerOutputStream, CreditWindow>;
  input: InputSender | undefined;

  constructor(connection: Connection, commandId: string) {
    this.#connection = connection;
    this.#commandId = commandId;
    this.#credit = {
      stdout: new CreditWindow(connection, outputChannel, outputWindowBytes),
      stderr: new CreditWindow(connection, errorChannel, outputWindowBytes),
    };
  }

  /** The request that the command's streams belong to. */
  set requestId(id: number) {
    this.#credit.stdout.id = id;
    this.#credit.stderr.id = id;
  }

  grantCredit(stream: RunnerOutputStream, bytes: number): void {
    this.#credit[stream].grant(bytes);
  }

  async readJournal(
    stream: RunnerOutputStream,
    offset: number,
    maxBytes: number,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array> {
    const wanted = Math.min(maxBytes, maxInlineBytes);
    const record = await this.#call("command.read", "command.read", { stream, offset, maxBytes: wanted }, signal);
    return record.get("contents") ?? new Uint8Array();
  }

  /** Output came. Throws `corrupt` for more of it than was granted. */
  take(channel: number, bytes: number): void {
    if (channel === outputChannel) this.#credit.stdout.take(bytes);
    else if (channel === errorChannel) this.#credit.stderr.take(bytes);
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.input?.send(bytes);
  }

  async closeStdin(): Promise<void> {
    this.input?.end();
  }

  async signal(name: RunnerSignalName): Promise<void> {
    await this.#call("command.signal", "command.signal", { signal: name });
  }

  async resize({ columns, rows }: RunnerTerminalSize): Promise<void> {
    await this.#call("command.resize", "command.resize", { columns, rows });
  }

  /** Rejects with `timeout` when the far side lives but says nothing of it for the grace and a whole lease. */
  async cancel(graceMs: number, signal?: AbortSignal): Promise<RunnerCancelReport> {
    try {
      const answer = this.#call("command.cancel", "commands.cancel", { graceMs }, signal);
      const record = await answeredWithin(graceMs + this.#connection.leaseMs, answer);
      return {
        cancelled: record.has("cancelled"),
        survivors: readNumbers(record, "survivors"),
        confirmed: record.has("confirmed"),
      };
    } catch (error) {
      // Whoever is gone cannot confirm; the command's own result says that the connection was lost.
      if (RunnerError.is(error) && (error.code === "disconnected" || error.code === "ended")) {
        return { cancelled: false, survivors: [], confirmed: false };
      }
      throw error;
    }
  }

  #call(
    op: string,
    operation: string,
    fields: Readonly<Record<string, string | number>>,
    signal?: AbortSignal,
  ): Promise<HelperRecord> {
    const description: Call = { op, operation, resource: "command", signal };
    return call(this.#connection, description, (writer) => {
      writer.field("commandId", this.#commandId);
      for (const [key, value] of Object.entries(fields)) writer.field(key, value);
    });
  }
}

async function answeredWithin(milliseconds: number, answer: Promise<HelperRecord>): Promise<HelperRecord> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      // An answer that has come while our own event loop was busy is read first.
      setImmediate(() =>
        reject(
          new RunnerError(
            "timeout",
            `The far side did not say within ${milliseconds} ms that a command was cancelled`,
            {
              operation: "commands.cancel",
              resource: "command",
              retryable: null,
            },
          ),
        ),
      );
    }, milliseconds);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
