import { Readable } from "node:stream";
import type { TransportExit } from "@mooring/provider-kit";
import { earlyCode } from "./fault.js";
import type { Garble } from "./garbage.js";
import { type Injector, planted } from "./injector.js";
import { randomBytesFrom } from "./random.js";

export interface FaultyOutputOptions {
  readonly name: "stdout" | "stderr";
  readonly real: Readable;
  readonly injector: Injector;
  readonly garbage: Readonly<Record<string, Garble>>;
  /** Ends the process; the exit is what the transport then says. */
  end(exit: TransportExit): void;
  /** From now on nothing of the process is told any more. */
  silence(): void;
  isSilent(): boolean;
}

/** One of a process's output streams, a chunk or the end of which fails. */
export class FaultyOutput extends Readable {
  readonly #options: FaultyOutputOptions;
  #isCut = false;
  #heldBack: Buffer | undefined;
  /** Of a delay that is under way: what has come meanwhile waits its turn. */
  #waiting: (() => void)[] | undefined;

  constructor(options: FaultyOutputOptions) {
    super();
    this.#options = options;
    const { real } = options;
    real.on("data", (chunk: Buffer) => this.#inTurn(() => this.#data(chunk)));
    real.on("end", () => this.#inTurn(() => this.#end()));
    real.on("error", (error) => this.destroy(error));
    real.pause();
  }

  override _read(): void {
    this.#options.real.resume();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#options.real.destroy();
    done(error);
  }

  #inTurn(work: () => void): void {
    if (this.#waiting === undefined) work();
    else this.#waiting.push(work);
  }

  #data(chunk: Buffer): void {
    if (this.#isCut || this.#options.isSilent()) return;
    const { injector, name } = this.#options;
    const manner = injector.next(`${name}.data`);
    switch (manner) {
      case undefined:
        return this.#pass(chunk);
      case "error":
        this.destroy(planted(name));
        return;
      case "delay":
        return this.#delay(() => this.#pass(chunk));
      case "hang":
        this.#isCut = true;
        return;
      case "hang-all":
        return this.#options.silence();
      case "early-ended":
        this.#isCut = true;
        this.push(null);
        return;
      case "early-killed":
        return this.#cut({ code: null, signal: "SIGKILL" });
      case "early-code":
        return this.#cut({ code: earlyCode, signal: null });
      case "early-unknown":
        return this.#cut({ code: null, signal: null });
      default:
        return this.#garble(manner, chunk);
    }
  }

  /** The process ends, and with it what it had still to say. */
  #cut(exit: TransportExit): void {
    this.#options.end(exit);
    this.#isCut = true;
    this.push(null);
  }

  #garble(manner: string, chunk: Buffer): void {
    const { injector, garbage } = this.#options;
    const { random } = injector;
    const garbled =
      manner === "garbage-random"
        ? { now: randomBytesFrom(random, 4_096) }
        : garbage[manner.slice("garbage-".length)]?.(chunk, random);
    if (garbled === undefined) {
      injector.hasFired = false;
      return this.#pass(chunk);
    }
    if (garbled.now.length > 0) this.#pass(garbled.now);
    this.#heldBack = garbled.afterNext;
  }

  #end(): void {
    if (this.#isCut || this.#options.isSilent()) return;
    const { injector, name } = this.#options;
    const manner = injector.next(`${name}.end`);
    if (this.#heldBack !== undefined) this.push(this.#heldBack);
    if (manner === undefined) this.push(null);
    else if (manner === "error") this.destroy(planted(`the end of ${name}`));
    else if (manner === "delay") this.#delay(() => this.push(null));
    else if (manner === "garbage-trailing") {
      this.push(randomBytesFrom(injector.random, 64));
      this.push(null);
    }
  }

  #pass(chunk: Buffer): void {
    const whole = this.#heldBack === undefined ? chunk : Buffer.concat([chunk, this.#heldBack]);
    this.#heldBack = undefined;
    if (!this.push(whole)) this.#options.real.pause();
  }

  #delay(work: () => void): void {
    const waiting: (() => void)[] = [work];
    this.#waiting = waiting;
    const { injector } = this.#options;
    injector.after(injector.delayMs, () => {
      this.#waiting = undefined;
      // One of them may be delayed itself, and the others behind it.
      for (const [index, next] of waiting.entries()) {
        if (this.#waiting !== undefined) {
          (this.#waiting as (() => void)[]).push(...waiting.slice(index));
          return;
        }
        if (!this.destroyed) next();
      }
    });
  }
}
