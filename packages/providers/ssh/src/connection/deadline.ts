/** A time that runs out, unless a person has to think meanwhile. */
export class Deadline {
  readonly #milliseconds: number;
  readonly #onPassed: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(milliseconds: number, onPassed: () => void) {
    this.#milliseconds = milliseconds;
    this.#onPassed = onPassed;
    this.start();
  }

  /** From the beginning. */
  start(): void {
    this.stop();
    this.#timer = setTimeout(this.#onPassed, this.#milliseconds);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
