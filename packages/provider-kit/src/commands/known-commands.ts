import type { CommandHandle } from "./command-handle.js";

/** Ended commands whose output stays at hand, so that a caller who lost the handle can attach again. */
const mostEnded = 64;
const mostEndedBytes = 8_388_608;

/** The handles of a session by command id: all that run, and the latest of those that ended. */
export class KnownCommands {
  readonly #handles = new Map<string, CommandHandle>();
  /** Those that were still running when last looked at are not counted here. */
  #lastSweepSize = 0;

  get(commandId: string): CommandHandle | undefined {
    return this.#handles.get(commandId);
  }

  has(commandId: string): boolean {
    return this.#handles.has(commandId);
  }

  values(): IterableIterator<CommandHandle> {
    return this.#handles.values();
  }

  add(handle: CommandHandle): void {
    this.#handles.set(handle.commandId, handle);
    // Looked through now and then: each command pays a constant share of it.
    if (this.#handles.size >= this.#lastSweepSize + 16) this.#sweep();
  }

  #sweep(): void {
    const ended = [...this.#handles.values()].filter((handle) => handle.settled).toReversed();
    let bytes = 0;
    for (const [index, handle] of ended.entries()) {
      bytes += handle.retainedBytes;
      if (index >= mostEnded || bytes > mostEndedBytes) this.#handles.delete(handle.commandId);
    }
    this.#lastSweepSize = this.#handles.size;
  }
}
