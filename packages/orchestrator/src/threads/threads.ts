import { RunnerError, type RunnerCloseReport } from "@mooring/api";
import { prepareBinding, type BindingInput } from "../bindings/prepare-binding.js";
import type { ThreadRecord } from "../bindings/thread-record.js";
import type { VersionedRecord } from "../bindings/thread-records.js";
import type { SessionOpening } from "../sessions/open-session.js";
import type { SessionEnding } from "../sessions/thread-session.js";
import { defaultBinding, type DefaultDestination } from "./default-destination.js";
import { ThreadRuntime } from "./thread-runtime.js";

export interface EndedSession {
  readonly threadId: string;
  readonly sessionId: string;
  readonly report: RunnerCloseReport;
}

/** The threads of one orchestrator: their bindings in the store, their sessions in this process. */
export class Threads {
  readonly #opening: SessionOpening;
  readonly #defaultDestination: DefaultDestination | undefined;
  readonly #runtimes = new Map<string, ThreadRuntime>();
  readonly #binding = new Map<string, Promise<ThreadRecord>>();
  #closed = false;

  constructor(opening: SessionOpening, defaultDestination: DefaultDestination | undefined) {
    this.#opening = opening;
    this.#defaultDestination = defaultDestination;
  }

  /** Binds a thread that is not bound. The same binding again changes nothing; another one is `already_exists`. */
  async bind(threadId: string, input: BindingInput, signal?: AbortSignal): Promise<ThreadRecord> {
    const { records, providers } = this.#opening;
    const whole = input.destination === undefined ? { ...this.#defaultDestination, ...given(input) } : input;
    const prepared = await prepareBinding(threadId, whole, providers, signal);
    const current = await records.get(threadId);
    if (current?.record.status === "bound") return sameBinding(current.record, prepared);
    const { destination, workspace, readRoots } = prepared.binding;
    const { id: destinationId, providerId } = destination;
    const stored = await records.put(prepared, current?.version, [
      { type: "thread.bound", data: { destinationId, providerId, workspace, readRoots } },
    ]);
    return stored.record;
  }

  /**
   * The binding that a call of this thread's tools goes by. A thread that was never bound gets the default destination
   * where that has a workspace; any other is refused: nothing runs on this machine instead.
   */
  async require(threadId: string): Promise<ThreadRecord> {
    const current = await this.#opening.records.get(threadId);
    if (current?.record.status === "bound") return current.record;
    const input =
      current === undefined ? await defaultBinding(this.#defaultDestination, this.#opening.providers) : undefined;
    if (input === undefined) throw notBound(threadId);
    return this.#bindOnce(threadId, input);
  }

  /** What this process holds of the binding; what it held of a former one is let go of. */
  runtime(record: ThreadRecord): ThreadRuntime {
    if (this.#closed) throw closedError();
    const known = this.#runtimes.get(record.threadId);
    if (known?.bindingId === record.bindingId) return known;
    // Another process bound the thread anew; its former session belongs to nobody's tools any more.
    known?.session.end("close").catch(() => undefined);
    const runtime = new ThreadRuntime(this.#opening, record);
    this.#runtimes.set(record.threadId, runtime);
    return runtime;
  }

  /** Ends the binding, and the thread's session with it. Gives whether there was one. */
  async unbind(threadId: string, ending: SessionEnding): Promise<boolean> {
    const { records } = this.#opening;
    const current = await records.get(threadId);
    if (current?.record.status !== "bound") return false;
    await this.#endSession(current, ending);
    const latest = (await records.get(threadId)) ?? current;
    const record: ThreadRecord = { ...latest.record, status: "unbound", session: null };
    await records.put(record, latest.version, [
      { type: "thread.unbound", data: { destinationId: record.binding.destination.id } },
    ]);
    return true;
  }

  /** Ends every session that this process holds. All are tried; failures come together. */
  async endAll(ending: SessionEnding): Promise<EndedSession[]> {
    this.#closed = true;
    const runtimes = [...this.#runtimes.values()];
    const settled = await Promise.allSettled(
      runtimes.map(async (runtime): Promise<EndedSession[]> => {
        const report = await runtime.session.end(ending);
        if (report === undefined) return [];
        const record = await this.#opening.records.get(runtime.threadId);
        return [{ threadId: runtime.threadId, sessionId: record?.record.session?.sessionId ?? "", report }];
      }),
    );
    const failures = settled.filter((result) => result.status === "rejected");
    if (failures.length > 0) {
      const causes: unknown[] = failures.map((failure) => failure.reason);
      throw new AggregateError(causes, `${failures.length} sessions could not be ended`);
    }
    return settled.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
  }

  /** The default binding is made once, however many first calls there are. */
  #bindOnce(threadId: string, input: BindingInput): Promise<ThreadRecord> {
    const running = this.#binding.get(threadId);
    if (running !== undefined) return running;
    const binding = this.bind(threadId, input).finally(() => this.#binding.delete(threadId));
    this.#binding.set(threadId, binding);
    return binding;
  }

  /** Also a session that no process holds at the moment is destroyed: else nobody would know of it any more. */
  async #endSession({ record }: VersionedRecord, ending: SessionEnding): Promise<void> {
    const runtime = this.runtime(record);
    if (record.session !== null && ending === "destroy") {
      try {
        await runtime.session.acquire();
      } catch (error) {
        // Gone already is as good as ended.
        if (!RunnerError.is(error) || error.code !== "not_found") throw error;
      }
    }
    await runtime.session.end(ending);
    this.#runtimes.delete(record.threadId);
  }
}

/** Without what is `undefined`, which must not hide a default. */
function given(input: BindingInput): BindingInput {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}

function sameBinding(current: ThreadRecord, wanted: ThreadRecord): ThreadRecord {
  const contents = ({ binding, env }: ThreadRecord): string => JSON.stringify([binding, env]);
  if (contents(current) === contents(wanted)) return current;
  throw new RunnerError(
    "already_exists",
    `Thread "${current.threadId}" is bound to destination "${current.binding.destination.id}" already; unbind it first`,
    { operation: "bind", resource: "destination", retryable: false, phase: "before_start" },
  );
}

export function closedError(): RunnerError {
  return new RunnerError("ended", "The orchestrator is closed", {
    retryable: false,
    phase: "before_start",
  });
}

function notBound(threadId: string): RunnerError {
  return new RunnerError(
    "permission_denied",
    `Thread "${threadId}" is not bound to a destination, and tools never run on this machine instead; bind it first`,
    { resource: "destination", retryable: false, phase: "before_start" },
  );
}
