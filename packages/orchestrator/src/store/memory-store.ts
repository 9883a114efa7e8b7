import { randomUUID } from "node:crypto";
import { RunnerError, type JsonValue } from "@mooring/api";
import { Hints } from "./hints.js";
import { MemoryDocuments } from "./memory-documents.js";
import { MemoryRuns } from "./memory-runs.js";
import { MemoryStreams } from "./memory-streams.js";
import type {
  ClaimedRun,
  CommitResult,
  PoolStatistics,
  RunLease,
  RunRenewal,
  StoreEngine,
  StoreOperation,
  StreamCursor,
  StreamPage,
} from "./store-engine.js";
import { UndoLog } from "./undo-log.js";

export interface MemoryStoreOptions {
  /** The engine's clock, in milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/** A store that lives and dies with this object. */
export function memoryStore(options: MemoryStoreOptions = {}): StoreEngine {
  return new MemoryStore(options.now ?? Date.now);
}

class MemoryStore implements StoreEngine {
  readonly #documents = new MemoryDocuments();
  readonly #streams: MemoryStreams;
  readonly #runs: MemoryRuns;
  readonly #hints = new Hints();
  #closed = false;

  constructor(now: () => number) {
    // The epoch is new with each store: a cursor of an earlier one must not seem to fit.
    this.#streams = new MemoryStreams(randomUUID().slice(0, 8), now);
    this.#runs = new MemoryRuns(now);
  }

  async open(): Promise<void> {
    this.#assertOpen();
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  async commit(operations: readonly StoreOperation[], fence?: RunLease): Promise<CommitResult> {
    this.#assertOpen();
    const undo = new UndoLog();
    const lastSequence: Record<string, number> = {};
    const versions: Record<string, number> = {};
    try {
      if (fence !== undefined) this.#runs.held(fence);
      for (const operation of operations) {
        this.#apply(operation, fence, undo, { lastSequence, versions });
      }
    } catch (error) {
      undo.rollBack();
      throw error;
    }
    this.#hints.hint(operations.flatMap(topicOf));
    return { lastSequence, versions };
  }

  async claim(query: {
    readonly pools: readonly string[];
    readonly worker: string;
    readonly max: number;
    readonly leaseMs: number;
  }): Promise<ClaimedRun[]> {
    this.#assertOpen();
    return this.#runs.claim(query);
  }

  async renew(leases: readonly RunLease[], leaseMs: number): Promise<RunRenewal[]> {
    this.#assertOpen();
    return this.#runs.renew(leases, leaseMs);
  }

  async reap(limit: number): Promise<string[]> {
    this.#assertOpen();
    return this.#runs.reap(limit);
  }

  async read(stream: string, after: StreamCursor | null, limit: number): Promise<StreamPage> {
    this.#assertOpen();
    return this.#streams.read(stream, after, limit);
  }

  async trim(stream: string, before: StreamCursor): Promise<number> {
    this.#assertOpen();
    return this.#streams.trim(stream, before);
  }

  async get(kind: string, id: string): Promise<{ document: JsonValue; version: number } | null> {
    this.#assertOpen();
    return this.#documents.get(kind, id);
  }

  async list(
    kind: string,
    query: {
      readonly where?: Readonly<Record<string, string>>;
      readonly after?: string;
      readonly limit: number;
    },
  ): Promise<{ items: JsonValue[]; next?: string }> {
    this.#assertOpen();
    return this.#documents.list(kind, query);
  }

  async stats(pool: string): Promise<PoolStatistics> {
    this.#assertOpen();
    return this.#runs.statistics(pool);
  }

  hint(topics: readonly string[]): void {
    this.#hints.hint(topics);
  }

  onHint(topics: readonly string[], listener: (topic: string) => void): () => void {
    return this.#hints.onHint(topics, listener);
  }

  #apply(
    operation: StoreOperation,
    fence: RunLease | undefined,
    undo: UndoLog,
    result: { lastSequence: Record<string, number>; versions: Record<string, number> },
  ): void {
    switch (operation.operation) {
      case "put": {
        const { kind, id, document, ifVersion } = operation;
        const version = this.#documents.put(kind, id, document, ifVersion, undo);
        result.versions[`${kind}/${id}`] = version;
        return;
      }
      case "append": {
        const { stream, events, deduplicationKey } = operation;
        const last = this.#streams.append(stream, events, deduplicationKey, undo);
        result.lastSequence[stream] = last;
        return;
      }
      case "enqueue":
        return this.#runs.enqueue(operation.run, undo);
      case "cancel":
        return this.#runs.cancel(operation.runId, undo);
      case "settle":
        if (fence === undefined) throw settleWithoutLease();
        return this.#runs.settle(fence, operation.outcome, undo);
    }
  }

  #assertOpen(): void {
    if (this.#closed) {
      throw new RunnerError("ended", "The store is closed", {
        retryable: false,
        phase: "before_start",
      });
    }
  }
}

function settleWithoutLease(): RunnerError {
  return new RunnerError("invalid_request", "Expected a lease to settle a run by, got nothing", {
    retryable: false,
    phase: "before_start",
  });
}

function topicOf(operation: StoreOperation): string[] {
  if (operation.operation === "append") return [`stream/${operation.stream}`];
  if (operation.operation === "enqueue") return [`pool/${operation.run.pool}`];
  return [];
}
