import { parseUntrusted, RunnerError, type JsonValue } from "@mooring/api";
import { appendEvents } from "../events/event-log.js";
import type { NewThreadEvent } from "../events/thread-event.js";
import type { StoreEngine } from "../store/store-engine.js";
import { threadRecordSchema, type ThreadRecord } from "./thread-record.js";

const kind = "thread";

/** A record, and the version that a change of it is made against. */
export interface VersionedRecord {
  readonly record: ThreadRecord;
  readonly version: number;
}

/** Threads in the store. Each write goes with the events that tell of it, or not at all. */
export class ThreadRecords {
  readonly #store: () => Promise<StoreEngine>;

  constructor(store: () => Promise<StoreEngine>) {
    this.#store = store;
  }

  async get(threadId: string): Promise<VersionedRecord | undefined> {
    const stored = await (await this.#store()).get(kind, threadId);
    if (stored === null) return undefined;
    return { record: await parseRecord(stored.document, threadId), version: stored.version };
  }

  /** Rejects with `conflict` when the record was changed since. `former` is `undefined` for one that must be new. */
  async put(
    record: ThreadRecord,
    former: number | undefined,
    events: readonly NewThreadEvent[],
  ): Promise<VersionedRecord> {
    const result = await (
      await this.#store()
    ).commit([
      {
        operation: "put",
        kind,
        id: record.threadId,
        document: record as unknown as JsonValue,
        ifVersion: former ?? "absent",
      },
      ...(events.length === 0 ? [] : [appendEvents(record.threadId, events)]),
    ]);
    const version = result.versions[`${kind}/${record.threadId}`];
    if (version === undefined) throw new RunnerError("internal", "The store told no version");
    return { record, version };
  }

  async append(threadId: string, events: readonly NewThreadEvent[]): Promise<void> {
    await (await this.#store()).commit([appendEvents(threadId, events)]);
  }

  /** The bound threads, by id. */
  async *bound(): AsyncGenerator<ThreadRecord, void, undefined> {
    const store = await this.#store();
    let after: string | undefined;
    do {
      const page = await store.list(kind, { where: { status: "bound" }, after, limit: 200 });
      for (const item of page.items) yield await parseRecord(item, "listed");
      after = page.next;
    } while (after !== undefined);
  }
}

async function parseRecord(document: JsonValue, threadId: string): Promise<ThreadRecord> {
  try {
    return await parseUntrusted(threadRecordSchema, document, `stored thread "${threadId}"`);
  } catch (error) {
    throw new RunnerError("corrupt", `The stored thread "${threadId}" cannot be read`, {
      retryable: false,
      phase: "before_start",
      cause: error,
    });
  }
}
