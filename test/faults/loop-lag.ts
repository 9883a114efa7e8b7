const intervalMs = 10;
const noteworthyMs = 50;

/** How long our own event loop was busy or kept from running: what a measured time owes to us, and not to what was measured. */
export class LoopLag implements Disposable {
  readonly #timer: NodeJS.Timeout;
  #last = performance.now();
  #total = 0;
  #gaps: { readonly at: number; readonly lengthMs: number }[] = [];

  constructor() {
    this.#timer = setInterval(() => {
      const now = performance.now();
      const gap = Math.max(0, now - this.#last - intervalMs - 1);
      this.#total += gap;
      if (gap > noteworthyMs) this.#gaps.push({ at: now, lengthMs: gap });
      if (this.#gaps.length > 10_000) this.#gaps = this.#gaps.slice(-5_000);
      this.#last = now;
    }, intervalMs);
    this.#timer.unref();
  }

  /** In milliseconds, since the beginning; to be subtracted from a later one. */
  get totalMs(): number {
    return this.#total + Math.max(0, performance.now() - this.#last - intervalMs - 1);
  }

  /** The longest time since then in which this process did not run: on a machine that is this busy the far side does not run either. */
  longestGapSince(at: number): number {
    return Math.max(0, ...this.#gaps.filter((gap) => gap.at >= at).map(({ lengthMs }) => lengthMs));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
