import { RunnerError } from "@mooring/api";
import type { FarSideOptions } from "../far-side/far-side.js";

/** Aborts when the caller does or the time for opening is up, and no more once the session is open. */
export class OpeningSignal {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout;
  /** What to reject with when the time was up. */
  late: RunnerError | undefined;

  constructor({ signal, openTimeoutMs }: Pick<FarSideOptions, "signal" | "openTimeoutMs">) {
    this.#caller = signal;
    this.#timer = setTimeout(() => {
      this.late = new RunnerError(
        "unavailable",
        `The shell on the far side did not answer within ${openTimeoutMs} ms`,
        {
          resource: "session",
          retryable: true,
          phase: "before_start",
        },
      );
      this.#controller.abort(this.late);
    }, openTimeoutMs);
    if (signal?.aborted === true) this.#abort();
    else signal?.addEventListener("abort", this.#abort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener("abort", this.#abort);
  }

  readonly #abort = (): void => this.#controller.abort(this.#caller?.reason);
}
