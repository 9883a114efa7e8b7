import type { JsonValue } from "@mooring/api";

/** Where a reader of one stream stands: after the event with this number. Opaque; made by `read`. */
export type StreamCursor = string;

/** The right to work on one run, until it expires by the engine's own clock. */
export interface RunLease {
  readonly runId: string;
  /** Changes with every claim: what an earlier holder sends is refused. */
  readonly token: string;
  /** Counted from 1. */
  readonly attempt: number;
  /** Milliseconds since the epoch, by the engine's clock. */
  readonly untilMs: number;
}

export interface ClaimedRun extends RunLease {
  readonly payload: JsonValue;
}

/** One run to be queued. */
export interface QueuedRun {
  /** Queuing an id that is known already changes nothing. */
  readonly id: string;
  readonly pool: string;
  /** Of the runs with one key, at most one is leased at a time. */
  readonly key?: string;
  /** Higher is claimed first. @default 0 */
  readonly priority?: number;
  /** @default 0 */
  readonly delayMs?: number;
  /** Claims until it counts as failed. @default 3 */
  readonly maxAttempts?: number;
  readonly payload: JsonValue;
}

export type RunOutcome = "done" | "failed" | "cancelled" | { readonly retryInMs: number };

/** One change. A batch of them is done whole or not at all. */
export type StoreOperation =
  | {
      readonly operation: "put";
      readonly kind: string;
      readonly id: string;
      readonly document: JsonValue;
      /** Another version in place is `conflict`. @default whatever is there is replaced */
      readonly ifVersion?: number | "absent";
    }
  | { readonly operation: "enqueue"; readonly run: QueuedRun }
  | {
      readonly operation: "append";
      readonly stream: string;
      readonly events: readonly JsonValue[];
      /** A second append to the stream under the same key changes nothing. */
      readonly deduplicationKey?: string;
    }
  /** Ends or returns the run of the batch's lease. */
  | { readonly operation: "settle"; readonly outcome: RunOutcome }
  /** A queued run is cancelled at once; of a leased one the holder is told at its next `renew`. */
  | { readonly operation: "cancel"; readonly runId: string };

export interface CommitResult {
  /** The number of the last event of each stream that the batch named. */
  readonly lastSequence: Readonly<Record<string, number>>;
  /** The new version of each document, by `kind/id`. */
  readonly versions: Readonly<Record<string, number>>;
}

export interface StoredEvent {
  /** Which writing of the stream this is: it changes when a store starts again from nothing. */
  readonly epoch: string;
  /** Counted from 1 without a gap. */
  readonly sequence: number;
  /** Milliseconds since the epoch, by the engine's clock. */
  readonly atMs: number;
  readonly data: JsonValue;
}

export interface StreamPage {
  readonly events: readonly StoredEvent[];
  /** Where to go on. */
  readonly next: StreamCursor;
  /** The earliest cursor that can still be read from. */
  readonly floor: StreamCursor;
}

export interface RunRenewal {
  readonly runId: string;
  /** Whether the lease was still held, and now holds longer. */
  readonly ok: boolean;
  /** Whether the run is to be cancelled. */
  readonly cancel: boolean;
}

export interface PoolStatistics {
  readonly ready: number;
  readonly delayed: number;
  readonly leased: number;
  /** How long the oldest run that could be claimed has waited; 0 when there is none. */
  readonly oldestReadyMs: number;
}

/**
 * The port behind which threads, events and runs are kept. Every change goes through `commit`; there are no
 * transactions that call back. Times are the engine's own. Errors are `RunnerError`s: `conflict` for another version
 * and, with `details.reason` `"fenced"`, for a lease that is no longer held; `expired` for a cursor below the floor or
 * of another epoch, with `details.floor`; `invalid_request` for what is no cursor at all.
 */
export interface StoreEngine {
  /** Prepares the store for use. Idempotent. */
  open(): Promise<void>;
  /** Lets go of it. Idempotent; what is called later rejects with `ended`. */
  close(): Promise<void>;
  /** All of it or nothing. With a lease, only while that lease is held. */
  commit(operations: readonly StoreOperation[], fence?: RunLease): Promise<CommitResult>;
  /** Takes runs that are due, highest priority first, then the oldest. */
  claim(query: {
    readonly pools: readonly string[];
    readonly worker: string;
    readonly max: number;
    readonly leaseMs: number;
  }): Promise<ClaimedRun[]>;
  renew(leases: readonly RunLease[], leaseMs: number): Promise<RunRenewal[]>;
  /** Returns runs whose lease has expired to the queue, or fails them after their last attempt. Gives their ids. */
  reap(limit: number): Promise<string[]>;
  /** Events after the cursor; with `null` from the floor. A stream that was never written to is empty. */
  read(stream: string, after: StreamCursor | null, limit: number): Promise<StreamPage>;
  /** Forgets the events up to the cursor, which becomes the floor. Gives their number. */
  trim(stream: string, before: StreamCursor): Promise<number>;
  get(kind: string, id: string): Promise<{ readonly document: JsonValue; readonly version: number } | null>;
  /** Documents of a kind, by id; `where` compares top-level strings. */
  list(
    kind: string,
    query: {
      readonly where?: Readonly<Record<string, string>>;
      readonly after?: string;
      readonly limit: number;
    },
  ): Promise<{ readonly items: readonly JsonValue[]; readonly next?: string }>;
  stats(pool: string): Promise<PoolStatistics>;
  /**
   * Wakes whoever listens to these topics. May be lost, and several may become one: it carries no data.
   * `commit` does so by itself for what it changed: `stream/<name>` and `pool/<name>`.
   */
  hint(topics: readonly string[]): void;
  /** Gives a function that stops it. */
  onHint(topics: readonly string[], listener: (topic: string) => void): () => void;
}
