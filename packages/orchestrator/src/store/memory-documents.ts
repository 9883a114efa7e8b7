import { RunnerError, type JsonValue } from "@mooring/api";
import type { UndoLog } from "./undo-log.js";

interface StoredDocument {
  readonly document: JsonValue;
  readonly version: number;
}

/** Versioned documents by kind and id. Versions count from 1. */
export class MemoryDocuments {
  readonly #kinds = new Map<string, Map<string, StoredDocument>>();

  put(kind: string, id: string, document: JsonValue, ifVersion: number | "absent" | undefined, undo: UndoLog): number {
    const current = this.#kinds.get(kind)?.get(id)?.version ?? 0;
    if (ifVersion !== undefined && current !== (ifVersion === "absent" ? 0 : ifVersion)) {
      const found = current === 0 ? "there is none" : `it has version ${current}`;
      throw new RunnerError(
        "conflict",
        `Expected ${kind} "${id}" to ${ifVersion === "absent" ? "be absent" : `have version ${ifVersion}`}, but ${found}`,
        { retryable: true, phase: "before_start", details: { reason: "version" } },
      );
    }
    let documents = this.#kinds.get(kind);
    if (documents === undefined) {
      documents = new Map();
      this.#kinds.set(kind, documents);
    }
    undo.set(documents, id, { document: structuredClone(document), version: current + 1 });
    return current + 1;
  }

  get(kind: string, id: string): StoredDocument | null {
    return structuredClone(this.#kinds.get(kind)?.get(id) ?? null);
  }

  list(
    kind: string,
    query: {
      readonly where?: Readonly<Record<string, string>>;
      readonly after?: string;
      readonly limit: number;
    },
  ): { items: JsonValue[]; next?: string } {
    const matching = [...(this.#kinds.get(kind) ?? [])]
      .filter(([id, { document }]) => id > (query.after ?? "") && matches(document, query.where))
      .sort(([left], [right]) => (left < right ? -1 : 1));
    const page = matching.slice(0, query.limit);
    const items = page.map(([, { document }]) => structuredClone(document));
    const last = page.at(-1);
    return matching.length > page.length && last !== undefined ? { items, next: last[0] } : { items };
  }
}

function matches(document: JsonValue, where: Readonly<Record<string, string>> | undefined): boolean {
  if (where === undefined) return true;
  if (typeof document !== "object" || document === null) return false;
  const fields = document as Record<string, JsonValue>;
  return Object.entries(where).every(([key, value]) => fields[key] === value);
}
