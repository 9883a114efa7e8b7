import { expect, test } from "vitest";
import { memoryStore, tail, type StoreEngine } from "../src/index.js";

const write = (store: StoreEngine, ...events: string[]) => store.commit([{ operation: "append", stream: "s", events }]);

async function collect(store: StoreEngine, count: number, pollMs?: number): Promise<unknown[]> {
  const seen: unknown[] = [];
  for await (const event of tail(store, "s", null, { pollMs })) {
    seen.push(event.data);
    if (seen.length === count) break;
  }
  return seen;
}

test("A tail gives what is there, then what comes, woken by hints alone", async () => {
  const store = memoryStore();
  await write(store, "1", "2");
  const seen = collect(store, 4, 1_000_000);
  await write(store, "3");
  await write(store, "4");
  expect(await seen).toEqual(["1", "2", "3", "4"]);
});

test("A tail delivers although every hint is lost", async () => {
  const store = memoryStore();
  const deaf: StoreEngine = Object.assign(Object.create(store) as StoreEngine, {
    onHint: () => () => undefined,
    read: store.read.bind(store),
  });
  const seen = collect(deaf, 1, 5);
  await write(store, "1");
  expect(await seen).toEqual(["1"]);
});

test("A tail ends when its signal aborts, also while it waits", async () => {
  const store = memoryStore();
  const controller = new AbortController();
  const waiting = (async () => {
    for await (const event of tail(store, "s", null, { signal: controller.signal, pollMs: 1_000_000 })) {
      expect(event).toBe("never");
    }
  })();
  controller.abort();
  await waiting;
});

test("A tail from a cursor that is not kept rejects with expired", async () => {
  const store = memoryStore();
  await write(store, "1", "2");
  const { next } = await store.read("s", null, 1);
  await store.trim("s", (await store.read("s", null, 2)).next);
  await expect(tail(store, "s", next).next()).rejects.toMatchObject({ code: "expired" });
});
