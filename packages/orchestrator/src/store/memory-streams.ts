import { RunnerError, type JsonValue } from "@mooring/api";
import { decodeCursor, encodeCursor } from "./cursor.js";
import type { StoredEvent, StreamCursor, StreamPage } from "./store-engine.js";
import type { UndoLog } from "./undo-log.js";

interface Stream {
  /** The event with sequence n is at n - 1 - floor. */
  events: StoredEvent[];
  /** How many events were trimmed. */
  floor: number;
  readonly deduplicationKeys: Set<string>;
}

/** Append-only streams with contiguous numbers. */
export class MemoryStreams {
  readonly #streams = new Map<string, Stream>();

  readonly #epoch: string;
  readonly #now: () => number;

  constructor(epoch: string, now: () => number) {
    this.#epoch = epoch;
    this.#now = now;
  }

  /** Gives the number of the stream's last event. */
  append(name: string, events: readonly JsonValue[], deduplicationKey: string | undefined, undo: UndoLog): number {
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = { events: [], floor: 0, deduplicationKeys: new Set() };
      undo.set(this.#streams, name, stream);
    }
    const target = stream;
    if (deduplicationKey !== undefined) {
      if (target.deduplicationKeys.has(deduplicationKey)) return lastSequence(target);
      target.deduplicationKeys.add(deduplicationKey);
      undo.add(() => target.deduplicationKeys.delete(deduplicationKey));
    }
    const formerLength = target.events.length;
    undo.add(() => (target.events.length = formerLength));
    for (const data of events) {
      const sequence = lastSequence(target) + 1;
      target.events.push({
        epoch: this.#epoch,
        sequence,
        atMs: this.#now(),
        data: structuredClone(data),
      });
    }
    return lastSequence(target);
  }

  read(name: string, after: StreamCursor | null, limit: number): StreamPage {
    const stream = this.#streams.get(name);
    const floor = stream?.floor ?? 0;
    const from = after === null ? floor : this.#sequenceOf(name, after);
    const events = stream?.events.slice(from - floor, from - floor + limit) ?? [];
    return {
      events: structuredClone(events),
      next: encodeCursor({ epoch: this.#epoch, sequence: from + events.length }),
      floor: encodeCursor({ epoch: this.#epoch, sequence: floor }),
    };
  }

  trim(name: string, before: StreamCursor): number {
    const stream = this.#streams.get(name);
    const sequence = this.#sequenceOf(name, before);
    if (stream === undefined) return 0;
    const removed = sequence - stream.floor;
    stream.events = stream.events.slice(removed);
    stream.floor = sequence;
    return removed;
  }

  /** A cursor's place, if this very stream can be read from there. */
  #sequenceOf(name: string, cursor: StreamCursor): number {
    const { epoch, sequence } = decodeCursor(cursor);
    const stream = this.#streams.get(name);
    const floor = stream?.floor ?? 0;
    const last = stream === undefined ? 0 : lastSequence(stream);
    if (epoch === this.#epoch && sequence >= floor && sequence <= last) return sequence;
    const earliest = encodeCursor({ epoch: this.#epoch, sequence: floor });
    throw new RunnerError(
      "expired",
      `The events after cursor "${cursor}" are not kept; the earliest cursor of "${name}" is "${earliest}"`,
      { retryable: false, phase: "before_start", details: { floor: earliest } },
    );
  }
}

function lastSequence(stream: Stream): number {
  return stream.floor + stream.events.length;
}
