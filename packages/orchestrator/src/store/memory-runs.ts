import { randomUUID } from "node:crypto";
import { RunnerError, type JsonValue } from "@mooring/api";
import type { ClaimedRun, PoolStatistics, QueuedRun, RunLease, RunOutcome, RunRenewal } from "./store-engine.js";
import type { UndoLog } from "./undo-log.js";

const defaultMaxAttempts = 3;

interface Run {
  readonly id: string;
  readonly pool: string;
  readonly key: string | undefined;
  readonly priority: number;
  readonly maxAttempts: number;
  readonly payload: JsonValue;
  /** Which came first, among runs of one priority. */
  readonly order: number;
  readonly state: "queued" | "leased" | "done" | "failed" | "cancelled";
  readonly availableAtMs: number;
  readonly attempt: number;
  readonly lease: { readonly token: string; readonly untilMs: number } | null;
  readonly cancelRequested: boolean;
}

/** The queue of runs. Every change replaces a run's record, so that a batch can be undone. */
export class MemoryRuns {
  readonly #runs = new Map<string, Run>();
  readonly #now: () => number;
  #order = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  enqueue(run: QueuedRun, undo: UndoLog): void {
    if (this.#runs.has(run.id)) return;
    this.#order += 1;
    undo.set(this.#runs, run.id, {
      id: run.id,
      pool: run.pool,
      key: run.key,
      priority: run.priority ?? 0,
      maxAttempts: run.maxAttempts ?? defaultMaxAttempts,
      payload: structuredClone(run.payload),
      order: this.#order,
      state: "queued",
      availableAtMs: this.#now() + (run.delayMs ?? 0),
      attempt: 0,
      lease: null,
      cancelRequested: false,
    });
  }

  cancel(runId: string, undo: UndoLog): void {
    const run = this.#runs.get(runId);
    if (run?.state === "queued") undo.set(this.#runs, runId, { ...run, state: "cancelled" });
    if (run?.state === "leased") undo.set(this.#runs, runId, { ...run, cancelRequested: true });
  }

  settle(lease: RunLease, outcome: RunOutcome, undo: UndoLog): void {
    const run = this.held(lease);
    undo.set(this.#runs, run.id, settled(run, outcome, this.#now()));
  }

  /** The run of a lease that is still held; else `conflict`. */
  held(lease: RunLease): Run {
    const run = this.#runs.get(lease.runId);
    if (run !== undefined && this.#isHeld(run, lease)) return run;
    throw new RunnerError("conflict", `The lease on run "${lease.runId}" is no longer held`, {
      retryable: false,
      phase: "before_start",
      details: { reason: "fenced" },
    });
  }

  claim(query: { readonly pools: readonly string[]; readonly max: number; readonly leaseMs: number }): ClaimedRun[] {
    const now = this.#now();
    const all = [...this.#runs.values()];
    const busyKeys = new Set(all.filter((run) => run.state === "leased").map((run) => run.key));
    const due = all
      .filter((run) => isDue(run, now) && query.pools.includes(run.pool))
      .sort((left, right) => right.priority - left.priority || left.order - right.order);
    const claimed: ClaimedRun[] = [];
    for (const run of due) {
      if (claimed.length >= query.max) break;
      if (run.key !== undefined && busyKeys.has(run.key)) continue;
      busyKeys.add(run.key);
      const lease = { token: randomUUID(), untilMs: now + query.leaseMs };
      const attempt = run.attempt + 1;
      this.#runs.set(run.id, { ...run, state: "leased", attempt, lease });
      claimed.push({ runId: run.id, ...lease, attempt, payload: structuredClone(run.payload) });
    }
    return claimed;
  }

  renew(leases: readonly RunLease[], leaseMs: number): RunRenewal[] {
    return leases.map((lease) => {
      const run = this.#runs.get(lease.runId);
      if (run === undefined || !this.#isHeld(run, lease)) {
        return { runId: lease.runId, ok: false, cancel: run?.state === "cancelled" };
      }
      const renewed = { token: lease.token, untilMs: this.#now() + leaseMs };
      this.#runs.set(run.id, { ...run, lease: renewed });
      return { runId: run.id, ok: true, cancel: run.cancelRequested };
    });
  }

  reap(limit: number): string[] {
    const now = this.#now();
    const expired = [...this.#runs.values()]
      .filter((run) => run.lease !== null && run.lease.untilMs <= now)
      .slice(0, limit);
    for (const run of expired) this.#runs.set(run.id, settled(run, { retryInMs: 0 }, now));
    return expired.map((run) => run.id);
  }

  statistics(pool: string): PoolStatistics {
    const now = this.#now();
    const runs = [...this.#runs.values()].filter((run) => run.pool === pool);
    const ready = runs.filter((run) => isDue(run, now));
    return {
      ready: ready.length,
      delayed: runs.filter((run) => run.state === "queued").length - ready.length,
      leased: runs.filter((run) => run.state === "leased").length,
      oldestReadyMs: Math.max(0, ...ready.map((run) => now - run.availableAtMs)),
    };
  }

  #isHeld(run: Run, lease: RunLease): boolean {
    return run.lease !== null && run.lease.token === lease.token && run.lease.untilMs > this.#now();
  }
}

function isDue(run: Run, now: number): boolean {
  return run.state === "queued" && run.availableAtMs <= now;
}

/** A run after its lease. A retry that was to be cancelled, or has no attempt left, is over. */
function settled(run: Run, outcome: RunOutcome, now: number): Run {
  if (typeof outcome === "string") return { ...run, state: outcome, lease: null };
  if (run.cancelRequested) return { ...run, state: "cancelled", lease: null };
  if (run.attempt >= run.maxAttempts) return { ...run, state: "failed", lease: null };
  return { ...run, state: "queued", lease: null, availableAtMs: now + outcome.retryInMs };
}
