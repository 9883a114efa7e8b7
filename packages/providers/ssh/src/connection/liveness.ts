/** In so many looks between two keepalive questions the time of the last sign of life is found. */
const looksPerInterval = 5;
/** So many questions without an answer are a loss. */
const missedIntervals = 3;

/**
 * Calls `onSilence` when a stream has said nothing for three intervals, at most. Looks are counted, not time: an event loop of
 * ours that was busy must not look like a silent server.
 */
export class Liveness {
  readonly #timer: NodeJS.Timeout;
  #heard = false;
  #silentLooks = 0;

  constructor(intervalMs: number, onSilence: () => void) {
    this.#timer = setInterval(
      () => {
        this.#silentLooks = this.#heard ? 0 : this.#silentLooks + 1;
        this.#heard = false;
        // One less than all of them: the first look may come right after the last sign of life.
        if (this.#silentLooks >= looksPerInterval * missedIntervals - 1) onSilence();
      },
      Math.max(1, Math.floor(intervalMs / looksPerInterval)),
    );
    this.#timer.unref();
  }

  heard(): void {
    this.#heard = true;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
