import { RunnerError } from "@mooring/api";
import type { AnyAuthMethod, AuthHandlerMiddleware } from "ssh2";
import type { LoginAttempt, LoginPlan } from "../login/login-attempts.js";

/** Offers one way to log in after the other, as far as the server takes them, and knows what was tried. */
export class LoginSequence {
  readonly #plan: LoginPlan;
  readonly #left: LoginAttempt[];
  readonly #tried: string[] = [];
  readonly #failures: string[] = [];
  #offered: readonly string[] = [];
  /** Whether there is nothing left to try. */
  isExhausted = false;

  constructor(plan: LoginPlan) {
    this.#plan = plan;
    this.#left = [...plan.attempts];
  }

  get hasTried(): boolean {
    return this.#tried.length > 0;
  }

  /** What the library asks for the next one. */
  readonly next: AuthHandlerMiddleware = (methods, _isPartial, proceed) => {
    // Absent before the first attempt.
    const offered = methods as readonly string[] | null;
    if (offered !== null) this.#offered = offered;
    const index = this.#left.findIndex(
      ({ method }) => offered === null || method === "none" || offered.includes(method),
    );
    const [attempt] = index === -1 ? [] : this.#left.splice(index, 1);
    if (attempt === undefined) {
      this.isExhausted = true;
      // By its documentation `false` ends it, which the types leave out.
      proceed(false as unknown as AnyAuthMethod);
      return;
    }
    this.#tried.push(attempt.name);
    proceed(attempt.login);
  };

  /** A way that failed at our end, such as an agent that would not sign. */
  note(error: Error): void {
    this.#failures.push(error.message);
  }

  /** Why nobody was let in. */
  refusal(where: string, user: string, cause: unknown): RunnerError {
    const tried = this.#tried.filter((name) => name !== "none");
    const notes = [...this.#plan.notes, ...this.#failures];
    const words = [
      `${where} did not let ${user} in.`,
      tried.length === 0 ? "There was no key, agent or password to try." : `Tried: ${tried.join(", ")}.`,
      this.#offered.length === 0 ? "" : `The server takes: ${this.#offered.join(", ")}.`,
      notes.length === 0 ? "" : `${notes.join("; ")}.`,
    ];
    return new RunnerError("unauthenticated", words.filter((text) => text !== "").join(" "), {
      provider: "ssh",
      resource: "destination",
      retryable: false,
      phase: "before_start",
      details: { user, tried: [...tried], offered: [...this.#offered] },
      cause,
    });
  }
}
