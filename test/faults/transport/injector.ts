import type { TransportProcess } from "@mooring/provider-kit";
import type { Fault, Primitive } from "./fault.js";
import { randomFrom } from "./random.js";

export interface InjectorOptions {
  /** The one call that fails; without it every call is only counted. */
  readonly fault?: Fault;
  readonly seed: string;
  /** How long a `delay-late` takes: longer than whoever waits does. */
  readonly lateMs: number;
}

/** Counts the calls of one run over a transport and says which of them is to fail. Holds what must be let go of in the end. */
export class Injector {
  readonly random: () => number;
  readonly counts = new Map<Primitive, number>();
  readonly lateMs: number;
  hasFired = false;
  readonly #fault: Fault | undefined;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #processes = new Set<TransportProcess>();

  constructor({ fault, seed, lateMs }: InjectorOptions) {
    this.#fault = fault;
    this.random = randomFrom(seed);
    this.lateMs = lateMs;
  }

  /** How this call fails, or `undefined` when it is to work. */
  next(primitive: Primitive): string | undefined {
    const count = (this.counts.get(primitive) ?? 0) + 1;
    this.counts.set(primitive, count);
    const fault = this.#fault;
    if (fault === undefined || fault.primitive !== primitive || fault.occurrence !== count) return undefined;
    this.hasFired = true;
    return fault.manner;
  }

  /** Some 50 ms and more. */
  get delayMs(): number {
    return 50 + Math.floor(this.random() * 100);
  }

  after(milliseconds: number, then: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      then();
    }, milliseconds);
    this.#timers.add(timer);
  }

  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.after(milliseconds, resolve));
  }

  holds(process: TransportProcess): void {
    this.#processes.add(process);
  }

  /** The real processes that a fault may have kept from their end. */
  release(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const process of this.#processes) {
      process.kill();
      for (const stream of [process.stdin, process.stdout, process.stderr]) stream.destroy();
    }
    this.#processes.clear();
  }
}

/** An error in a transport's own words. */
export function planted(what: string): Error {
  return new Error(`planted: ${what} failed`);
}

export function never<Value>(): Promise<Value> {
  return new Promise<Value>(() => undefined);
}
