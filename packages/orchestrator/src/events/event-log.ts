import { randomUUID } from "node:crypto";
import type { JsonValue } from "@mooring/api";
import type { StoreEngine, StoredEvent, StoreOperation, StreamCursor } from "../store/store-engine.js";
import { encodeCursor } from "../store/cursor.js";
import { tail } from "../store/tail.js";
import type { NewThreadEvent, ThreadEvent } from "./thread-event.js";

export interface ThreadEventPage {
  readonly events: readonly ThreadEvent[];
  /** Where to go on. */
  readonly cursor: StreamCursor;
  /** The earliest cursor that can still be read from. */
  readonly floor: StreamCursor;
}

/** The append-only log of one thread, as its readers see it. */
export interface ThreadEventLog {
  /**
   * Exactly the events after the cursor, or `expired` with `details.floor` when they are not kept.
   * @default cursor: from the earliest event kept; limit: 1,000
   */
  read(cursor?: StreamCursor | null, options?: { readonly limit?: number }): Promise<ThreadEventPage>;
  /** The events after the cursor, then each new one, until the signal aborts or the iteration is left. */
  tail(
    cursor?: StreamCursor | null,
    options?: { readonly signal?: AbortSignal; readonly pollMs?: number },
  ): AsyncIterable<ThreadEvent>;
}

/** The cursor just after an event. */
export function cursorAfter(event: ThreadEvent): StreamCursor {
  return encodeCursor({ epoch: event.epoch, sequence: event.seq });
}

/** The operation that writes events to a thread's log. */
export function appendEvents(threadId: string, events: readonly NewThreadEvent[]): StoreOperation {
  return {
    operation: "append",
    stream: streamOf(threadId),
    events: events.map((event) => ({ id: randomUUID(), ...event }) as unknown as JsonValue),
  };
}

export function threadEventLog(threadId: string, store: () => Promise<StoreEngine>): ThreadEventLog {
  return {
    async read(cursor = null, options = {}) {
      const page = await (await store()).read(streamOf(threadId), cursor, options.limit ?? 1_000);
      return {
        events: page.events.map((event) => toThreadEvent(threadId, event)),
        cursor: page.next,
        floor: page.floor,
      };
    },
    async *tail(cursor = null, options = {}) {
      for await (const event of tail(await store(), streamOf(threadId), cursor, options)) {
        yield toThreadEvent(threadId, event);
      }
    },
  };
}

function streamOf(threadId: string): string {
  return `thread/${threadId}`;
}

/** The log is written by `appendEvents` alone, so its shape is taken as it is. */
function toThreadEvent(threadId: string, stored: StoredEvent): ThreadEvent {
  return {
    ...(stored.data as unknown as NewThreadEvent & { readonly id: string }),
    epoch: stored.epoch,
    seq: stored.sequence,
    time: new Date(stored.atMs).toISOString(),
    threadId,
  };
}
