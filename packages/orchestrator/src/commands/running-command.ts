import type { RunnerCommand, RunnerCommandResult } from "@mooring/api";
import { OutputWindow, type BoundedText } from "../tools/output-window.js";

/** How long the last output may take to arrive when the command's end is known already. */
const lastOutputMs = 1_000;
/** After output came, so long a silence counts as the end of an answer. */
const quietMs = 100;

export interface CommandOutput {
  readonly stdout: BoundedText;
  readonly stderr: BoundedText;
}

/** A command that was started for a thread, with the output that nobody was told of yet. */
export class RunningCommand {
  readonly command: RunnerCommand;
  readonly #stdout: OutputWindow;
  readonly #stderr: OutputWindow;
  readonly #ended: Promise<RunnerCommandResult>;
  #result: RunnerCommandResult | undefined;
  #onOutput: (() => void) | undefined;

  constructor(command: RunnerCommand, maxOutputBytes: number) {
    this.command = command;
    this.#stdout = new OutputWindow(maxOutputBytes);
    this.#stderr = new OutputWindow(maxOutputBytes);
    this.#ended = this.#end(this.#collect());
  }

  get commandId(): string {
    return this.command.commandId;
  }

  /** How it ended, with all of its output collected; `undefined` while it runs. */
  get result(): RunnerCommandResult | undefined {
    return this.#result;
  }

  /** Resolves with the result, or with nothing when the time is up or the signal aborts. Never rejects. */
  async waitForEnd(milliseconds: number, signal?: AbortSignal): Promise<RunnerCommandResult | undefined> {
    const pause = new Pause(milliseconds, signal);
    try {
      return await Promise.race([this.#ended, pause.over.then(() => this.#result)]);
    } finally {
      pause.stop();
    }
  }

  /** As `waitForEnd`, but also over when output came and then nothing more for a moment. */
  async waitForAnswer(milliseconds: number, signal?: AbortSignal): Promise<void> {
    const pause = new Pause(milliseconds, signal);
    let quiet: NodeJS.Timeout | undefined;
    const answered = new Promise<void>((resolve) => {
      this.#onOutput = () => {
        clearTimeout(quiet);
        quiet = setTimeout(resolve, quietMs);
      };
    });
    try {
      await Promise.race([this.#ended, pause.over, answered]);
    } finally {
      pause.stop();
      clearTimeout(quiet);
      this.#onOutput = undefined;
    }
  }

  /** What was written since the last time, in at most so many bytes of text for both streams. */
  takeOutput(maxBytes: number): CommandOutput {
    const last = this.#result !== undefined;
    const [stdoutBytes, stderrBytes] = share(maxBytes, this.#stdout.totalBytes, this.#stderr.totalBytes);
    return {
      stdout: this.#stdout.take(stdoutBytes, last),
      stderr: this.#stderr.take(stderrBytes, last),
    };
  }

  async #collect(): Promise<void> {
    const seen = { stdout: 0, stderr: 0 };
    for await (const { stream, offset, bytes } of this.command.output) {
      const window = stream === "stdout" ? this.#stdout : this.#stderr;
      if (offset > seen[stream]) window.gap(offset - seen[stream]);
      window.add(bytes);
      seen[stream] = offset + bytes.length;
      this.#onOutput?.();
    }
  }

  async #end(collected: Promise<void>): Promise<RunnerCommandResult> {
    const settled = collected.catch(() => undefined);
    const result = await this.command.result();
    const pause = new Pause(lastOutputMs, undefined);
    await Promise.race([settled, pause.over]);
    pause.stop();
    this.#result = result;
    return result;
  }
}

/** Divides a budget so that a stream that needs less than half leaves the rest to the other. */
function share(budget: number, first: number, second: number): [number, number] {
  const half = Math.floor(budget / 2);
  if (second <= half) return [budget - second, second];
  if (first <= half) return [first, budget - first];
  return [half, half];
}

/** A wait that ends with its time, its signal, or by `stop`, which also lets go of the timer. */
class Pause {
  readonly over: Promise<void>;
  readonly #timer: NodeJS.Timeout;
  readonly #signal: AbortSignal | undefined;
  #finish: () => void = () => undefined;

  constructor(milliseconds: number, signal: AbortSignal | undefined) {
    this.over = new Promise((resolve) => (this.#finish = resolve));
    this.#timer = setTimeout(this.#finish, milliseconds);
    this.#signal = signal;
    if (signal?.aborted === true) this.#finish();
    signal?.addEventListener("abort", this.#finish, { once: true });
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#finish);
  }
}
