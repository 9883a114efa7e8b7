import type { RemoteRunnerSession, RunnerCallOptions } from "@mooring/api";
import { RunningCommand } from "./running-command.js";

/** Commands that ended and whose last output nobody asked for; past this many the oldest are forgotten. */
const maxEnded = 100;

/** The commands of one thread that went on after the call that started them. */
export class CommandRegistry {
  readonly #commands = new Map<string, RunningCommand>();

  add(command: RunningCommand): void {
    this.#commands.set(command.commandId, command);
    const ended = [...this.#commands.values()].filter((entry) => entry.result !== undefined);
    for (const entry of ended.slice(0, Math.max(0, ended.length - maxEnded))) this.remove(entry);
  }

  remove(command: RunningCommand): void {
    this.#commands.delete(command.commandId);
  }

  /** A command by its id; one that this process did not start is attached to. Rejects with `not_found`. */
  async find(
    commandId: string,
    session: RemoteRunnerSession,
    maxOutputBytes: number,
    options: RunnerCallOptions,
  ): Promise<RunningCommand> {
    const known = this.#commands.get(commandId);
    if (known !== undefined) return known;
    const attached = await session.commands.attach(commandId, options);
    const command = this.#commands.get(commandId) ?? new RunningCommand(attached, maxOutputBytes);
    this.add(command);
    return command;
  }
}
