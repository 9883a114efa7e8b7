import type {
  RunnerCancelReport,
  RunnerCommand,
  RunnerCommandExit,
  RunnerCommandReason,
  RunnerCommandRequest,
  RunnerCommandResult,
  RunnerOutputChunk,
  RunnerOutputCursor,
  RunnerOutputPage,
  RunnerOutputStream,
  RunnerSignalName,
} from "@mooring/api";
import { CommandInput } from "./command-input.js";
import { type CommandOutput, RetainedOutput, StreamedOutput } from "./command-output.js";
import { failure, throwIfCancelled } from "./failure.js";
import type { ScriptedInvocation, ScriptedOutcome, ScriptedProgram } from "./scripted-program.js";
import { bytesOf } from "./text-bytes.js";

const defaultMaxOutputBytes = 1_048_576;
const defaultGraceMs = 2_000;
/** Signals that end a program which says nothing of them; the others change nothing here. */
const fatalSignals: ReadonlySet<RunnerSignalName> = new Set([
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGKILL",
  "SIGTERM",
  "SIGUSR1",
  "SIGUSR2",
]);

/** One run of a scripted program. */
export class MemoryCommand implements RunnerCommand {
  readonly commandId: string;
  readonly pid = null;
  readonly request: RunnerCommandRequest;
  readonly #input: CommandInput;
  readonly #output: CommandOutput;
  readonly #stop = new AbortController();
  readonly #startedAtMs = Date.now();
  readonly #startedAt = performance.now();
  readonly #result: Promise<RunnerCommandResult>;
  #finish!: (result: RunnerCommandResult) => void;
  #reason: RunnerCommandReason | undefined;
  #ended = false;
  #programReturned = false;
  #timers: NodeJS.Timeout[] = [];

  constructor(
    commandId: string,
    request: RunnerCommandRequest,
    program: ScriptedProgram,
    surroundings: Pick<ScriptedInvocation, "args" | "cwd" | "env" | "files">,
  ) {
    this.commandId = commandId;
    this.request = request;
    this.#input = new CommandInput(request.stdin ?? "none");
    this.#output =
      request.output === "stream"
        ? new StreamedOutput()
        : new RetainedOutput(request.maxOutputBytes ?? defaultMaxOutputBytes);
    this.#result = new Promise((resolve) => {
      this.#finish = resolve;
    });
    if (request.timeoutMs !== undefined) {
      this.#timers.push(setTimeout(() => this.stop("timeout"), request.timeoutMs));
    }
    void this.#run(program, surroundings);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Asks the program to end, and ends the command without it when its grace is up. The first reason wins. */
  stop(reason: RunnerCommandReason, graceMs = this.request.graceMs ?? defaultGraceMs): void {
    if (this.#ended) return;
    this.#reason ??= reason;
    this.#stop.abort();
    const give = () => this.#end({ kind: "signal", signal: "SIGKILL" });
    this.#timers.push(setTimeout(give, graceMs));
  }

  /** Ends at once, with nothing known of the program. */
  lose(detail: string): void {
    this.#reason ??= "disconnected";
    this.#stop.abort();
    this.#end({ kind: "unknown", detail });
  }

  async read(
    cursor: RunnerOutputCursor = { stdout: 0, stderr: 0 },
    options: { maxBytes?: number; waitMs?: number; signal?: AbortSignal } = {},
  ): Promise<RunnerOutputPage> {
    throwIfCancelled(options.signal, "command.read");
    const { maxBytes = 65_536, waitMs = 0 } = options;
    return await this.#output.read(cursor, { maxBytes, waitMs });
  }

  get output(): AsyncIterable<RunnerOutputChunk> {
    return this.#output.view();
  }

  get stdout(): ReadableStream<Uint8Array> {
    return this.#streamOf("stdout");
  }

  get stderr(): ReadableStream<Uint8Array> {
    return this.#streamOf("stderr");
  }

  async write(data: string | Uint8Array, options: { signal?: AbortSignal } = {}): Promise<void> {
    throwIfCancelled(options.signal, "command.write");
    this.#requireRunning("command.write");
    this.#input.write(data);
  }

  async closeStdin(): Promise<void> {
    this.#input.end();
  }

  async signal(name: RunnerSignalName): Promise<void> {
    this.#requireRunning("command.signal");
    if (!fatalSignals.has(name)) return;
    this.#stop.abort();
    this.#end({ kind: "signal", signal: name });
  }

  async resize(): Promise<void> {
    throw failure("invalid_request", "Expected a command with a terminal, this one has none", {
      operation: "command.resize",
      resource: "command",
    });
  }

  async cancel(options: { graceMs?: number } = {}): Promise<RunnerCancelReport> {
    const wasRunning = !this.#ended && this.#reason === undefined;
    this.stop("cancelled", options.graceMs);
    await this.#result;
    return { cancelled: wasRunning, survivors: [], confirmed: this.#programReturned };
  }

  async result(): Promise<RunnerCommandResult> {
    this.#output.drain();
    return await this.#result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel();
  }

  async #run(
    program: ScriptedProgram,
    surroundings: Pick<ScriptedInvocation, "args" | "cwd" | "env" | "files">,
  ): Promise<void> {
    try {
      const outcome = await program({
        ...surroundings,
        stdin: this.#input,
        signal: this.#stop.signal,
        stdout: (data) => this.#push("stdout", data),
        stderr: (data) => this.#push("stderr", data),
      });
      await this.#push("stdout", outcome.stdout ?? "");
      await this.#push("stderr", outcome.stderr ?? "");
      this.#programReturned = true;
      this.#end(exitOf(outcome, this.#stop.signal.aborted));
    } catch (error) {
      this.#programReturned = true;
      this.#end({ kind: "unknown", detail: `the scripted program threw: ${String(error)}` });
    }
  }

  async #push(stream: RunnerOutputStream, data: string | Uint8Array): Promise<void> {
    if (this.#ended) return;
    const target = this.request.stderr === "merge" ? "stdout" : stream;
    await this.#output.push(target, bytesOf(data));
  }

  #end(exit: RunnerCommandExit): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#input.end();
    this.#output.end();
    this.#finish({
      commandId: this.commandId,
      exit,
      reason: this.#reason ?? "exited",
      stdout: this.#output.kept("stdout"),
      stderr: this.#output.kept("stderr"),
      startedAtMs: this.#startedAtMs,
      durationMs: performance.now() - this.#startedAt,
    });
  }

  #streamOf(stream: RunnerOutputStream): ReadableStream<Uint8Array> {
    const view = this.#output.view(stream)[Symbol.asyncIterator]();
    return new ReadableStream(
      {
        async pull(controller) {
          const next = await view.next();
          if (next.done === true) controller.close();
          else controller.enqueue(next.value.bytes);
        },
        async cancel() {
          await view.return?.();
        },
      },
      { highWaterMark: 0 },
    );
  }

  #requireRunning(operation: string): void {
    if (!this.#ended) return;
    throw failure("ended", `${operation} came too late: the command has ended`, {
      operation,
      resource: "command",
      phase: "after_end",
    });
  }
}

/** A program that leaves its exit open was ended by the signal that asked it to. */
function exitOf(outcome: ScriptedOutcome, stopped: boolean): RunnerCommandExit {
  const exit = outcome.exit ?? (stopped ? "SIGTERM" : 0);
  return typeof exit === "number" ? { kind: "code", code: exit } : { kind: "signal", signal: exit };
}
