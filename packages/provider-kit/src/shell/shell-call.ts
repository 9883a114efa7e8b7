import { randomBytes } from "node:crypto";
import { RunnerError, type RunnerErrorResource } from "@mooring/api";
import { cancelledError } from "../async/abort.js";
import { shellHelperSources } from "../generated/helper-source.js";
import { within } from "../async/within.js";
import type { TransportExit, TransportProcess } from "../transport.js";
import { shellFailure } from "./shell-failure.js";
import type { ShellPlace } from "./shell-place.js";
import { sourceLine } from "./shell-source.js";
import { spawnScript } from "./spawn-script.js";

const mostNoise = 65_536;

/** A script's text: the prelude, then the named parts. A name that does not exist is a defect of ours. */
export function scriptOf(...names: readonly string[]): string {
  return ["00-prelude", ...names]
    .map((name) => {
      const source = shellHelperSources[name];
      if (source === undefined) throw new RunnerError("internal", `There is no script \`${name}\``);
      return source;
    })
    .join("");
}

/** What a call is, for its errors. */
export interface ShellCallOptions {
  /** The contract's name, such as `files.read`. */
  readonly operation: string;
  /** The path it is about, for people. */
  readonly path?: string;
  /** @default "file" */
  readonly resource?: RunnerErrorResource;
  readonly signal?: AbortSignal | undefined;
  /** Whether the script cleans up after itself when its input ends early: an abort then ends that, and kills only later. */
  readonly cleansUp?: boolean;
}

const mostCleanUpMs = 2_000;

/** One script that runs on the far side: a process of its own. */
export class ShellCall {
  readonly nonce: string;
  readonly process: TransportProcess;
  readonly #options: ShellCallOptions;
  readonly #leaseMs: number;
  readonly #stderr: Promise<string>;
  #onAbort: (() => void) | undefined;
  /** Whether we wait for output, and not somebody who takes it from us, and whether any came since it was last looked at. */
  #waits = false;
  #hasCome = false;
  #isOver = false;
  #silence: NodeJS.Timeout | undefined;

  private constructor(nonce: string, process: TransportProcess, options: ShellCallOptions, leaseMs: number) {
    this.nonce = nonce;
    this.#leaseMs = leaseMs;
    this.process = process;
    this.#options = options;
    this.#stderr = collectNoise(process);
    if (options.signal !== undefined) {
      this.#onAbort = () => {
        if (options.cleansUp !== true) {
          process.kill();
          process.stdout.destroy();
          return;
        }
        process.stdin.end();
        const timer = setTimeout(
          () => {
            process.kill();
            process.stdin.destroy();
            process.stdout.destroy();
          },
          Math.min(mostCleanUpMs, leaseMs),
        );
        void process.exited.then(() => clearTimeout(timer));
      };
      options.signal.addEventListener("abort", this.#onAbort, { once: true });
    }
  }

  /** `values` makes the line that the script evaluates; what else it reads from standard input comes later. */
  static async start(
    place: ShellPlace,
    script: string,
    values: (nonce: string) => string,
    options: ShellCallOptions,
  ): Promise<ShellCall> {
    const nonce = randomBytes(16).toString("hex");
    const process = await spawnScript(place, script, options.operation, options.signal);
    const call = new ShellCall(nonce, process, options, place.leaseMs);
    if (options.signal?.aborted === true) call.#onAbort?.();
    process.stdin.write(sourceLine(`nonce=${nonce}; ${values(nonce)}`, place.fullBlock));
    return call;
  }

  /**
   * What the script wrote after its marker, as it comes. Rejects with what the script said was wrong, at the end of the stream too:
   * a stream that just ends was whole. Leaving it early ends the process.
   */
  async *payload(): AsyncGenerator<Buffer, void, undefined> {
    const marker = Buffer.from(`${this.nonce}\n`);
    let noise: Buffer | undefined = Buffer.alloc(0);
    let finished = false;
    this.#waits = true;
    void this.process.exited.then(() => this.#endSoon());
    try {
      for await (const chunk of this.process.stdout as AsyncIterable<Buffer>) {
        this.#hasCome = true;
        if (noise === undefined) {
          yield* this.#handedOut(chunk);
          continue;
        }
        noise = Buffer.concat([noise, chunk]);
        const start = noise.indexOf(marker);
        if (start === -1) {
          if (noise.length > mostNoise) throw this.#corrupt();
          continue;
        }
        const first = noise.subarray(start + marker.length);
        noise = undefined;
        if (first.length > 0) yield* this.#handedOut(first);
      }
      finished = true;
    } catch (error) {
      if (RunnerError.is(error)) throw error;
      if (this.#options.signal?.aborted !== true) throw this.#cutOff(error);
    } finally {
      this.#waits = false;
      this.#isOver = true;
      clearTimeout(this.#silence);
      this.#release();
      if (!finished) {
        this.process.kill();
        this.process.stdout.destroy();
      }
    }
    await this.#settle(noise !== undefined);
  }

  *#handedOut(chunk: Buffer): Generator<Buffer, void, undefined> {
    this.#waits = false;
    yield chunk;
    this.#waits = true;
  }

  /** Of a process that has ended: what it wrote is taken as slowly as its reader likes, but must not fail to come. */
  #endSoon(): void {
    if (this.#isOver) return;
    this.#hasCome = false;
    this.#silence = setTimeout(() => {
      if (this.#waits && !this.#hasCome) this.process.stdout.destroy(this.#cutOff(undefined));
      else this.#endSoon();
    }, this.#leaseMs);
    this.#silence.unref();
  }

  /** All of it. */
  async answer(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.payload()) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  async #settle(unanswered: boolean): Promise<void> {
    const { signal, operation } = this.#options;
    if (signal?.aborted === true) throw cancelledError(signal, operation, "unknown");
    const [exit, stderr] = await within(this.#leaseMs, Promise.all([this.process.exited, this.#stderr]), [
      { code: null, signal: null },
      "",
    ] as const);
    if (exit.code === null) this.process.kill();
    const error = this.#failure(exit, stderr, unanswered);
    if (error !== undefined) throw error;
  }

  #failure(exit: TransportExit, stderr: string, unanswered: boolean): RunnerError | undefined {
    return shellFailure({ ...this.#options, nonce: this.nonce, exit, stderr, unanswered });
  }

  #release(): void {
    if (this.#onAbort !== undefined) this.#options.signal?.removeEventListener("abort", this.#onAbort);
  }

  #cutOff(cause: unknown): RunnerError {
    const { operation } = this.#options;
    return new RunnerError("disconnected", `The connection was lost during ${operation}`, {
      operation,
      retryable: null,
      cause,
    });
  }

  #corrupt(): RunnerError {
    return new RunnerError(
      "corrupt",
      `More than ${mostNoise} bytes came before the answer of ${this.#options.operation}`,
      {
        operation: this.#options.operation,
        retryable: false,
      },
    );
  }
}

/** The last of what a script says of itself. It never fails, and does not outlive the process by more than its pipe. */
async function collectNoise(process: TransportProcess): Promise<string> {
  let text = "";
  try {
    for await (const chunk of process.stderr as AsyncIterable<Buffer>) {
      text = (text + chunk.toString("latin1")).slice(-mostNoise);
    }
  } catch {
    // How the process ended says more.
  }
  return text;
}
