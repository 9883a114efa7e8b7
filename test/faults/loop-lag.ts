const intervalMs = 10;

/** How long our own event loop was busy or kept from running: what a measured time owes to us, and not to what was measured. */
export class LoopLag implements Disposable {
  readonly #timer: NodeJS.Timeout;
  #last = performance.now();
  #total = 0;

  constructor() {
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.#total += Math.max(0, now - this.#last - intervalMs - 1);
      this.#last = now;
    }, intervalMs);
    this.#timer.unref();
  }

  /** In milliseconds, since the beginning; to be subtracted from a later one. */
  get totalMs(): number {
    return this.#total + Math.max(0, performance.now() - this.#last - intervalMs - 1);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
