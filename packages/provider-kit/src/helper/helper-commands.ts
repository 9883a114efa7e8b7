import {
  RunnerError,
  type RunnerCallOptions,
  type RunnerCancelReport,
  type RunnerCommand,
  type RunnerCommandInfo,
  type RunnerCommandRequest,
  type RunnerCommandResult,
  type RunnerCommands,
  type RunnerStartOptions,
} from "@mooring/api";
import { cancelledError, throwIfAborted } from "../async/abort.js";
import type { CommandHandle } from "../commands/command-handle.js";
import { type NormalizeContext, type NormalizedCommand, normalizeRequest } from "../commands/normalize-request.js";
import { requireWholeNumber } from "../commands/requirements.js";
import { decodeText } from "../text/text-bytes.js";
import { call } from "./call.js";
import { HelperCommandBackEnd } from "./command-back-end.js";
import { CommandAttachment } from "./command-attachment.js";
import { CommandStart } from "./command-start.js";
import type { Connection } from "./connection.js";
import { type HelperRecord, readList, readNumbers, readRecord, readText } from "./record-reader.js";
import { KnownCommands } from "../commands/known-commands.js";

/** Commands over the resident helper. */
export class HelperCommands implements RunnerCommands {
  readonly #connection: Connection;
  readonly #context: NormalizeContext;
  readonly #known = new KnownCommands();

  constructor(connection: Connection, context: NormalizeContext) {
    this.#connection = connection;
    this.#context = context;
  }

  async run(request: RunnerCommandRequest, options: RunnerStartOptions = {}): Promise<RunnerCommandResult> {
    const command = await this.start(request, options);
    return command.result();
  }

  async start(request: RunnerCommandRequest, options: RunnerStartOptions = {}): Promise<CommandHandle> {
    throwIfAborted(options.signal, "commands.start");
    const normalized = normalizeRequest(request, this.#context);
    if (!(normalized instanceof Promise)) return this.#start(normalized, options.signal);
    const command = await normalized;
    throwIfAborted(options.signal, "commands.start");
    return this.#start(command, options.signal);
  }

  async #start(command: NormalizedCommand, signal: AbortSignal | undefined): Promise<CommandHandle> {
    const handle = await new CommandStart(this.#connection, command, signal).started;
    this.#known.add(handle);
    return handle;
  }

  async attach(commandId: string, options: RunnerCallOptions = {}): Promise<RunnerCommand> {
    throwIfAborted(options.signal, "commands.attach");
    const known = this.#known.get(commandId);
    if (known !== undefined) return known;
    const handle = await new CommandAttachment(this.#connection, commandId, options.signal).attached();
    this.#known.add(handle);
    return handle;
  }

  async list(options: RunnerCallOptions = {}): Promise<RunnerCommandInfo[]> {
    const record = await call(
      this.#connection,
      { op: "command.list", operation: "commands.list", resource: "command", signal: options.signal },
      () => undefined,
    );
    return readList(record.get("commands")).map((item) => {
      const info = commandInfo(readRecord(item));
      // The far side knows the shell that runs a script, and not that it was asked for by its script.
      const { title } = this.#known.get(info.commandId) ?? {};
      return title === undefined ? info : { ...info, program: title };
    });
  }

  async cancel(
    commandId: string,
    options: { readonly graceMs?: number } & RunnerCallOptions = {},
  ): Promise<RunnerCancelReport> {
    throwIfAborted(options.signal, "commands.cancel");
    const graceMs = options.graceMs === undefined ? undefined : requireWholeNumber("graceMs", options.graceMs, 0);
    const known = this.#known.get(commandId);
    if (known !== undefined) return known.cancel({ ...options, graceMs });
    try {
      return await new HelperCommandBackEnd(this.#connection, commandId).cancel(graceMs ?? 2_000, options.signal);
    } catch (error) {
      if (options.signal?.aborted === true) throw cancelledError(options.signal, "commands.cancel", "unknown");
      if (RunnerError.is(error) && error.code === "not_found")
        return { cancelled: false, survivors: [], confirmed: true };
      throw error;
    }
  }
}

function commandInfo(record: HelperRecord): RunnerCommandInfo {
  const { text, bytes } = decodeText(record.get("program") ?? Buffer.alloc(0));
  const state = readText(record, "state");
  const pid = record.get("pid");
  return {
    commandId: readText(record, "commandId"),
    pid: pid === undefined ? null : Number(pid.toString("latin1")),
    state: state === "running" || state === "background" ? state : "ended",
    program: bytes ?? text,
    durable: record.has("durable"),
    processes: readNumbers(record, "processes"),
  };
}
