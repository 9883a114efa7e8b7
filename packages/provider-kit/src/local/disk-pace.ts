import { setImmediate } from "node:timers/promises";

/** What a quick disk may take at all, and for each call. */
const patienceMs = 20;
const patiencePerCallMs = 0.25;
/** How long other work of this process may have to wait. */
const sliceMs = 8;

/**
 * Decides how small things are asked of a file system. What lies in memory is answered in some microseconds: to hand that to
 * another thread and back costs several times as much. So calls are made at once for as long as answers are quick, and by
 * other threads, several at a time, from when they are not.
 */
export class DiskPace {
  #calls = 0;
  #spentMs = 0;
  #sliceBeganMs = performance.now();

  get isSlow(): boolean {
    return this.#spentMs > patienceMs + this.#calls * patiencePerCallMs;
  }

  /** Makes one call, at once. */
  atOnce<Result>(work: () => Result): Result {
    const beganMs = performance.now();
    try {
      return work();
    } finally {
      this.#calls += 1;
      this.#spentMs += performance.now() - beganMs;
    }
  }

  /** Lets others have their turn, when they have waited long enough. To be awaited between calls. */
  async pause(): Promise<void> {
    if (performance.now() - this.#sliceBeganMs < sliceMs) return;
    await setImmediate();
    this.#sliceBeganMs = performance.now();
  }
}
