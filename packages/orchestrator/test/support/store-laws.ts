import { describe, expect, it } from "vitest";
import type { StoreEngine, StoreOperation } from "../../src/index.js";

/** An engine to be tested, and a clock that only the test moves. */
export interface EngineUnderTest {
  readonly engine: StoreEngine;
  advance(this: void, milliseconds: number): void;
  dispose(this: void): Promise<void>;
}

const enqueue = (id: string, more: object = {}): StoreOperation => ({
  operation: "enqueue",
  run: { id, pool: "pool", payload: { id }, ...more },
});
const append = (stream: string, ...events: string[]): StoreOperation => ({ operation: "append", stream, events });
const one = { pools: ["pool"], worker: "w", max: 1, leaseMs: 1_000 };
const many = { ...one, max: 100 };

/** What every store must hold to, whatever it keeps its data in. */
export function storeLaws(name: string, makeEngine: () => Promise<EngineUnderTest>): void {
  const law = (title: string, body: (engine: StoreEngine, advance: (milliseconds: number) => void) => Promise<void>) =>
    it(title, async () => {
      const { engine, advance, dispose } = await makeEngine();
      await engine.open();
      try {
        await body(engine, advance);
      } finally {
        await engine.close();
        await dispose();
      }
    });

  describe(name, () => {
    law("queues a run once, however often its id is queued", async (engine) => {
      await engine.commit([enqueue("a"), enqueue("a")]);
      await engine.commit([enqueue("a", { payload: "other" })]);
      const claimed = await engine.claim(many);
      expect(claimed.map((run) => run.payload)).toEqual([{ id: "a" }]);
    });

    law("gives each run to one of eight claimers", async (engine) => {
      await engine.commit(Array.from({ length: 40 }, (_, index) => enqueue(`run-${index}`)));
      const claims = await Promise.all(
        Array.from({ length: 8 }, (_, worker) => engine.claim({ ...one, worker: `w${worker}`, max: 7 })),
      );
      const ids = claims.flat().map((run) => run.runId);
      expect(new Set(ids).size).toBe(40);
      expect(ids).toHaveLength(40);
    });

    law("claims by priority and then by age, and not before the delay is over", async (engine, advance) => {
      await engine.commit([
        enqueue("old"),
        enqueue("young"),
        enqueue("urgent", { priority: 5 }),
        enqueue("later", { delayMs: 500, priority: 9 }),
      ]);
      expect(await engine.stats("pool")).toMatchObject({ ready: 3, delayed: 1, leased: 0 });
      expect((await engine.claim(many)).map((run) => run.runId)).toEqual(["urgent", "old", "young"]);
      advance(500);
      expect((await engine.claim(many)).map((run) => run.runId)).toEqual(["later"]);
      expect(await engine.stats("pool")).toMatchObject({ ready: 0, delayed: 0, leased: 4 });
    });

    law("never leases two runs of one key", async (engine) => {
      await engine.commit([enqueue("a", { key: "k" }), enqueue("b", { key: "k" }), enqueue("c", { key: "other" })]);
      const [first, other] = await engine.claim(many);
      expect([first?.runId, other?.runId]).toEqual(["a", "c"]);
      expect(await engine.claim(many)).toEqual([]);
      await engine.commit([{ operation: "settle", outcome: "done" }], first);
      expect((await engine.claim(many)).map((run) => run.runId)).toEqual(["b"]);
    });

    law("returns a run whose lease expired, and fails it after its last attempt", async (engine, advance) => {
      await engine.commit([enqueue("a", { maxAttempts: 2 })]);
      for (const attempt of [1, 2]) {
        const [claimed] = await engine.claim(one);
        expect(claimed).toMatchObject({ runId: "a", attempt });
        expect(await engine.reap(10)).toEqual([]);
        advance(1_000);
        expect(await engine.reap(10)).toEqual(["a"]);
      }
      expect(await engine.claim(one)).toEqual([]);
    });

    law(
      "keeps a lease that is renewed, and tells the holder of one that is not held any more",
      async (engine, advance) => {
        await engine.commit([enqueue("a")]);
        const [lease] = await engine.claim(one);
        advance(900);
        expect(await engine.renew([lease!], 1_000)).toEqual([{ runId: "a", ok: true, cancel: false }]);
        advance(900);
        expect(await engine.reap(10)).toEqual([]);
        advance(100);
        expect(await engine.renew([lease!], 1_000)).toMatchObject([{ runId: "a", ok: false }]);
      },
    );

    law("refuses whatever the holder of an old lease sends, settling and appending alike", async (engine, advance) => {
      await engine.commit([enqueue("a")]);
      const [stale] = await engine.claim(one);
      advance(1_000);
      await engine.reap(10);
      const [current] = await engine.claim(one);
      const fenced = { code: "conflict", details: { reason: "fenced" } };
      await expect(engine.commit([{ operation: "settle", outcome: "done" }], stale)).rejects.toMatchObject(fenced);
      await expect(engine.commit([append("s", "late")], stale)).rejects.toMatchObject(fenced);
      expect((await engine.read("s", null, 10)).events).toEqual([]);
      await engine.commit([append("s", "right"), { operation: "settle", outcome: "done" }], current);
      expect((await engine.read("s", null, 10)).events).toHaveLength(1);
    });

    law("retries a run after the time that its holder asked for", async (engine, advance) => {
      await engine.commit([enqueue("a")]);
      const [lease] = await engine.claim(one);
      await engine.commit([{ operation: "settle", outcome: { retryInMs: 200 } }], lease);
      expect(await engine.claim(one)).toEqual([]);
      advance(200);
      expect(await engine.claim(one)).toMatchObject([{ runId: "a", attempt: 2 }]);
    });

    law(
      "cancels a queued run at once, tells the holder of a leased one, and leaves an ended one alone",
      async (engine) => {
        await engine.commit([enqueue("queued"), { operation: "cancel", runId: "queued" }]);
        expect(await engine.claim(one)).toEqual([]);
        await engine.commit([enqueue("leased")]);
        const [lease] = await engine.claim(one);
        await engine.commit([{ operation: "cancel", runId: "leased" }]);
        expect(await engine.renew([lease!], 1_000)).toEqual([{ runId: "leased", ok: true, cancel: true }]);
        await engine.commit([{ operation: "settle", outcome: { retryInMs: 0 } }], lease);
        expect(await engine.claim(one)).toEqual([]);
        await engine.commit([
          { operation: "cancel", runId: "leased" },
          { operation: "cancel", runId: "unknown" },
        ]);
        expect(await engine.stats("pool")).toMatchObject({ ready: 0, leased: 0 });
      },
    );

    law("does a batch whole or not at all, whichever operation fails", async (engine) => {
      await engine.commit([{ operation: "put", kind: "k", id: "there", document: { a: 1 } }]);
      const good: StoreOperation[] = [
        { operation: "put", kind: "k", id: "there", document: { a: 2 } },
        { operation: "put", kind: "k", id: "new", document: {}, ifVersion: "absent" },
        append("s", "x", "y"),
        { ...append("s", "z"), deduplicationKey: "d" } as StoreOperation,
        enqueue("run"),
      ];
      const bad: StoreOperation = { operation: "put", kind: "k", id: "there", document: {}, ifVersion: 7 };
      for (let at = 0; at <= good.length; at += 1) {
        const batch = [...good.slice(0, at), bad, ...good.slice(at)];
        await expect(engine.commit(batch)).rejects.toMatchObject({ code: "conflict", details: { reason: "version" } });
        expect(await engine.get("k", "there")).toEqual({ document: { a: 1 }, version: 1 });
        expect(await engine.get("k", "new")).toBeNull();
        expect((await engine.read("s", null, 10)).events).toEqual([]);
        expect(await engine.claim(one)).toEqual([]);
      }
      const done = await engine.commit(good);
      expect(done).toEqual({ lastSequence: { s: 3 }, versions: { "k/there": 2, "k/new": 1 } });
    });

    law("numbers the events of each stream from 1 without a gap", async (engine) => {
      await Promise.all(
        Array.from({ length: 30 }, (_, index) => engine.commit([append(`s${index % 2}`, `${index}a`, `${index}b`)])),
      );
      for (const stream of ["s0", "s1"]) {
        const { events } = await engine.read(stream, null, 100);
        expect(events.map((event) => event.sequence)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
      }
    });

    law("appends once under one deduplication key", async (engine) => {
      const operation = { ...append("s", "x"), deduplicationKey: "d" } as StoreOperation;
      await engine.commit([operation]);
      expect(await engine.commit([operation])).toMatchObject({ lastSequence: { s: 1 } });
      expect((await engine.read("s", null, 10)).events).toHaveLength(1);
    });

    law("goes on exactly after every cursor, in pages of every size", async (engine) => {
      await engine.commit([append("s", "0", "1", "2", "3", "4", "5", "6")]);
      for (let size = 1; size <= 8; size += 1) {
        const seen: unknown[] = [];
        let cursor: string | null = null;
        for (;;) {
          const page = await engine.read("s", cursor, size);
          if (page.events.length === 0) break;
          seen.push(...page.events.map((event) => event.data));
          cursor = page.next;
        }
        expect(seen).toEqual(["0", "1", "2", "3", "4", "5", "6"]);
      }
    });

    law("says expired for a cursor below the floor, and goes on from the floor itself", async (engine) => {
      await engine.commit([append("s", "1", "2", "3", "4")]);
      const first = (await engine.read("s", null, 1)).next;
      const third = (await engine.read("s", null, 3)).next;
      expect(await engine.trim("s", third)).toBe(3);
      await expect(engine.read("s", first, 10)).rejects.toMatchObject({ code: "expired", details: { floor: third } });
      expect((await engine.read("s", third, 10)).events).toMatchObject([{ sequence: 4, data: "4" }]);
      expect((await engine.read("s", null, 10)).events).toMatchObject([{ sequence: 4 }]);
      await engine.commit([append("s", "5")]);
      expect((await engine.read("s", third, 10)).events.map((event) => event.sequence)).toEqual([4, 5]);
    });

    law(
      "takes a cursor of another store or past the end for expired, and what is no cursor for wrong",
      async (engine) => {
        await engine.commit([append("s", "1")]);
        const { next } = await engine.read("s", null, 10);
        await expect(engine.read("s", next.replace(/[0-9]+$/, "2"), 10)).rejects.toMatchObject({ code: "expired" });
        await expect(engine.read("s", "elsewhere:1", 10)).rejects.toMatchObject({ code: "expired" });
        for (const wrong of ["", "1", "a:b", ":1", "a:-1", "a:01", "a:1 "]) {
          await expect(engine.read("s", wrong, 10)).rejects.toMatchObject({ code: "invalid_request" });
        }
      },
    );

    law("keeps what was put, and not what the caller makes of it later", async (engine) => {
      const document = { list: [1] };
      await engine.commit([{ operation: "put", kind: "k", id: "a", document, ifVersion: "absent" }]);
      document.list.push(2);
      expect(await engine.get("k", "a")).toEqual({ document: { list: [1] }, version: 1 });
      await expect(
        engine.commit([{ operation: "put", kind: "k", id: "a", document, ifVersion: "absent" }]),
      ).rejects.toMatchObject({ code: "conflict" });
    });

    law("lists a kind by id, in pages, by the fields asked for", async (engine) => {
      for (const id of ["c", "a", "d", "b"]) {
        await engine.commit([{ operation: "put", kind: "k", id, document: { id, odd: id === "a" ? "yes" : "no" } }]);
      }
      const first = await engine.list("k", { limit: 3 });
      expect(first.items).toMatchObject([{ id: "a" }, { id: "b" }, { id: "c" }]);
      const rest = await engine.list("k", { limit: 3, after: first.next });
      expect(rest).toEqual({ items: [{ id: "d", odd: "no" }] });
      expect((await engine.list("k", { where: { odd: "yes" }, limit: 9 })).items).toMatchObject([{ id: "a" }]);
    });

    law("wakes listeners after a commit, and not those that stopped", async (engine) => {
      const heard: string[] = [];
      const woken = new Promise<void>((resolve) => {
        engine.onHint(["stream/s", "pool/pool"], (topic) => {
          heard.push(topic);
          if (heard.length === 2) resolve();
        });
      });
      const stop = engine.onHint(["stream/s"], () => heard.push("stopped"));
      stop();
      await engine.commit([append("s", "1"), append("s", "2"), enqueue("a")]);
      await woken;
      expect([...heard].sort()).toEqual(["pool/pool", "stream/s"]);
    });

    law("refuses everything once it is closed", async (engine) => {
      await engine.close();
      await engine.close();
      await expect(engine.get("k", "a")).rejects.toMatchObject({ code: "ended" });
      await expect(engine.commit([])).rejects.toMatchObject({ code: "ended" });
    });
  });
}
