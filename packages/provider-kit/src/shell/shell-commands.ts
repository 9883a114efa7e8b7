import {
  RunnerError,
  type RunnerCallOptions,
  type RunnerCancelReport,
  type RunnerCloseReport,
  type RunnerCommand,
  type RunnerCommandInfo,
  type RunnerCommandRequest,
  type RunnerCommandResult,
  type RunnerCommands,
  type RunnerStartOptions,
} from "@mooring/api";
import { abortable, throwIfAborted } from "../async/abort.js";
import { KnownCommands } from "../commands/known-commands.js";
import { type NormalizeContext, normalizeRequest } from "../commands/normalize-request.js";
import { requireWholeNumber } from "../commands/requirements.js";
import type { ShellCommand } from "./shell-command.js";
import type { ProcessGroup } from "./shell-control.js";
import { type ShellCommandContext, startShellCommand } from "./start-shell-command.js";

/** Ended commands are asked about children in the background when so many have gathered. */
const sweepAt = 64;
const closeGraceMs = 2_000;

/** Commands over one shell each. */
export class ShellCommands implements RunnerCommands {
  readonly #context: ShellCommandContext;
  readonly #requests: NormalizeContext;
  readonly #known = new KnownCommands();
  /** Running, or with children that may live on. */
  readonly #commands = new Map<string, ShellCommand>();
  /** Every id that was ever used. */
  readonly #used = new Set<string>();
  #endedSinceSweep = 0;

  constructor(context: ShellCommandContext, requests: NormalizeContext) {
    this.#context = context;
    this.#requests = requests;
  }

  async run(request: RunnerCommandRequest, options: RunnerStartOptions = {}): Promise<RunnerCommandResult> {
    const command = await this.start(request, options);
    return command.result();
  }

  async start(request: RunnerCommandRequest, options: RunnerStartOptions = {}): Promise<RunnerCommand> {
    throwIfAborted(options.signal, "commands.start");
    const command = await normalizeRequest(request, this.#requests);
    throwIfAborted(options.signal, "commands.start");
    const { commandId } = command;
    if (this.#used.has(commandId)) {
      throw new RunnerError("already_exists", `The command id ${commandId} was used before in this session`, {
        operation: "commands.start",
        resource: "command",
        phase: "before_start",
        retryable: false,
      });
    }
    this.#used.add(commandId);
    try {
      const started = await startShellCommand(this.#context, command, options.signal);
      this.#commands.set(commandId, started);
      this.#known.add(started.handle);
      void started.settled.then(() => this.#noteEnd());
      return started.handle;
    } catch (error) {
      // Nothing was executed under it.
      this.#used.delete(commandId);
      throw error;
    }
  }

  async attach(commandId: string, options: RunnerCallOptions = {}): Promise<RunnerCommand> {
    throwIfAborted(options.signal, "commands.attach");
    const known = this.#commands.get(commandId)?.handle ?? this.#known.get(commandId);
    if (known !== undefined) return known;
    throw new RunnerError("not_found", `This session knows of no command ${commandId}`, {
      operation: "commands.attach",
      resource: "command",
      retryable: false,
    });
  }

  async list(options: RunnerCallOptions = {}): Promise<RunnerCommandInfo[]> {
    throwIfAborted(options.signal, "commands.list");
    const commands = [...this.#commands.values()];
    const processes = await abortable(this.#processes(commands), options.signal, "commands.list");
    return commands.map((command) => {
      const { handle } = command;
      const pids = processes.get(command) ?? [];
      const state = !handle.settled ? "running" : pids.length > 0 ? "background" : "ended";
      return {
        commandId: handle.commandId,
        pid: handle.pid,
        state,
        program: command.title,
        durable: false,
        processes: pids,
      };
    });
  }

  async cancel(
    commandId: string,
    options: { readonly graceMs?: number } & RunnerCallOptions = {},
  ): Promise<RunnerCancelReport> {
    throwIfAborted(options.signal, "commands.cancel");
    if (options.graceMs !== undefined) requireWholeNumber("graceMs", options.graceMs, 0);
    const command = this.#commands.get(commandId);
    if (command === undefined) return { cancelled: false, survivors: [], confirmed: true };
    return command.handle.cancel(options);
  }

  /** Ends all that runs or lives on in the background. */
  async endAll(): Promise<RunnerCloseReport> {
    const commands = [...this.#commands.values()];
    const running = commands.filter((command) => command.noteReason("closed"));
    // Who asked for no grace gets none; the others share what the session's end gives.
    const impatient = commands.filter((command) => command.graceMs === 0);
    const patient = commands.filter((command) => command.graceMs > 0);
    const graceMs = Math.min(closeGraceMs, Math.max(0, ...patient.map((command) => command.graceMs)));
    const ended = await Promise.all([
      this.#context.control.end(groupsOf(impatient), 0),
      this.#context.control.end(groupsOf(patient), graceMs),
    ]);
    const before = ended.flatMap((ending) => ending.before);
    const survivors = ended.flatMap((ending) => ending.survivors);
    if (survivors.length === 0) await Promise.all(running.map((command) => command.settledSoon()));
    return {
      commandsEnded: new Set(before.map(({ group }) => group)).size,
      survivors: survivors.map(({ pid }) => pid),
      // Who left the group by a session of its own cannot be seen.
      confirmed: false,
    };
  }

  /** Whatever becomes of them now, it is because the far side was lost. */
  expectLoss(): void {
    for (const command of this.#commands.values()) command.noteReason("disconnected");
  }

  /** The far side is gone. */
  loseAll(): void {
    for (const command of this.#commands.values()) command.lose();
  }

  /** The process groups that may still have members. */
  get groups(): string[] {
    return [...this.#commands.values()].map(({ group }) => group);
  }

  async #processes(commands: readonly ShellCommand[]): Promise<Map<ShellCommand, number[]>> {
    const members = await this.#context.control.members(commands.map(({ group }) => group));
    const found = new Map<ShellCommand, number[]>();
    for (const command of commands) {
      const number = command.group.slice(0, command.group.indexOf(":"));
      found.set(
        command,
        members.filter(({ group }) => group === number).map(({ pid }) => pid),
      );
    }
    return found;
  }

  #noteEnd(): void {
    this.#endedSinceSweep++;
    if (this.#endedSinceSweep < sweepAt) return;
    this.#endedSinceSweep = 0;
    void this.#sweep().catch(() => undefined);
  }

  /** Lets go of commands that ended with nobody left, and are no longer kept for `attach`. */
  async #sweep(): Promise<void> {
    const ended = [...this.#commands.values()].filter(({ handle }) => handle.settled);
    const processes = await this.#processes(ended);
    for (const command of ended) {
      if ((processes.get(command) ?? []).length > 0) continue;
      this.#context.control.drop(command.group);
      this.#commands.delete(command.handle.commandId);
    }
  }
}

function groupsOf(commands: readonly ShellCommand[]): ProcessGroup[] {
  return commands.map(({ group }) => group);
}
