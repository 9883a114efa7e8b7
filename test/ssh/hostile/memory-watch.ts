import process from "node:process";

/** How much this process grew at most since a moment, as the kernel counts it. */
export class MemoryWatch {
  readonly #atFirst: number;
  readonly #highestBefore: number;
  readonly #timer: NodeJS.Timeout;
  #highest: number;

  constructor() {
    // What others left is not this one's.
    globalThis.gc?.();
    this.#atFirst = process.memoryUsage.rss();
    this.#highest = this.#atFirst;
    this.#highestBefore = highestEver();
    this.#timer = setInterval(() => this.#look(), 10);
  }

  /** In bytes. */
  stop(): number {
    clearInterval(this.#timer);
    this.#look();
    // Between two looks the loop may have been busy, but the kernel never looks away.
    if (highestEver() > this.#highestBefore) this.#highest = Math.max(this.#highest, highestEver());
    return this.#highest - this.#atFirst;
  }

  #look(): void {
    this.#highest = Math.max(this.#highest, process.memoryUsage.rss());
  }
}

function highestEver(): number {
  return process.resourceUsage().maxRSS * 1_024;
}
