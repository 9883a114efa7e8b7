import { RunnerError, type RemoteRunnerSession, type RunnerCloseReport, type RunnerSessionEnd } from "@mooring/api";
import { errorToJson } from "../events/to-json.js";
import { openSession, type SessionOpening } from "./open-session.js";
import { untilAborted } from "./until-aborted.js";

export type SessionEnding = "close" | "detach" | "destroy";

/** The one session of one binding: opened by the first call that needs it, and again after it was lost. */
export class ThreadSession {
  readonly #opening: SessionOpening;
  readonly #threadId: string;
  readonly #bindingId: string;
  #current: RemoteRunnerSession | undefined;
  #pending: Promise<RemoteRunnerSession> | undefined;
  #ending: Promise<RunnerCloseReport | undefined> | undefined;
  /** What is still being written about a loss. */
  #telling: Promise<void> = Promise.resolve();

  constructor(opening: SessionOpening, threadId: string, bindingId: string) {
    this.#opening = opening;
    this.#threadId = threadId;
    this.#bindingId = bindingId;
  }

  /**
   * The live session. Callers that come while it is being opened share that opening and its failure; the next call
   * after a failure tries again. The signal lets go of the caller, never of the opening.
   */
  async acquire(signal?: AbortSignal): Promise<RemoteRunnerSession> {
    if (this.#ending !== undefined) throw endedError(this.#threadId);
    if (this.#current !== undefined) return this.#current;
    this.#pending ??= this.#open().finally(() => (this.#pending = undefined));
    return untilAborted(this.#pending, signal, "while the session was being opened", "before_start");
  }

  /** Ends what is live. Idempotent; gives nothing when there was nothing to end. */
  end(ending: SessionEnding): Promise<RunnerCloseReport | undefined> {
    this.#ending ??= this.#end(ending);
    return this.#ending;
  }

  async #open(): Promise<RemoteRunnerSession> {
    await this.#telling;
    const current = await this.#opening.records.get(this.#threadId);
    if (current?.record.bindingId !== this.#bindingId || current.record.status !== "bound") {
      throw endedError(this.#threadId);
    }
    const session = await openSession(this.#opening, current);
    this.#current = session;
    // Not awaited: it settles when the session ends.
    this.#telling = session.ended.then((end) => this.#noteEnd(session, end));
    return session;
  }

  async #noteEnd(session: RemoteRunnerSession, end: RunnerSessionEnd): Promise<void> {
    if (this.#current !== session) return;
    this.#current = undefined;
    const data = {
      reason: end.reason,
      ...(end.error === undefined ? {} : { error: errorToJson(end.error) }),
    };
    const event = {
      type: "session.lost",
      sessionId: session.id,
      data: this.#opening.secrets.redact(data) as typeof data,
    } as const;
    // A store that cannot be written refuses the next call by itself.
    await this.#opening.records.append(this.#threadId, [event]).catch(() => undefined);
  }

  async #end(ending: SessionEnding): Promise<RunnerCloseReport | undefined> {
    await this.#pending?.catch(() => undefined);
    const session = this.#current;
    // Cleared first: an end that was asked for is no loss.
    this.#current = undefined;
    if (session === undefined) return undefined;
    const report = await session[ending]();
    await this.#opening.records.append(this.#threadId, [
      { type: "session.closed", sessionId: session.id, data: { ending, ...report } },
    ]);
    return report;
  }
}

function endedError(threadId: string): RunnerError {
  return new RunnerError("ended", `The binding of thread "${threadId}" was ended`, {
    resource: "session",
    retryable: false,
    phase: "before_start",
  });
}
