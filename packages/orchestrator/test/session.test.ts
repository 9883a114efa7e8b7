import { describe, expect, test } from "vitest";
import { RunnerError } from "@mooring/api";
import { createOrchestrator, memoryStore, type Orchestrator, type ThreadEvent } from "../src/index.js";
import { gate, memoryPlace, type MemoryPlace } from "./support/memory-place.js";

const destination = { providerId: "memory" };
const echo = { program: "echo", args: ["hi"] };

async function bound(place: MemoryPlace, more: object = {}): Promise<Orchestrator> {
  const orchestrator = createOrchestrator({ providers: [place], ...more });
  await orchestrator.bind("t1", { destination });
  return orchestrator;
}

async function eventsOf(orchestrator: Orchestrator): Promise<readonly ThreadEvent[]> {
  return (await orchestrator.thread("t1").events.read()).events;
}

async function typesOf(orchestrator: Orchestrator): Promise<string[]> {
  return (await eventsOf(orchestrator)).map((event) => event.type);
}

const unavailable = () => new RunnerError("unavailable", "The place is not ready", { retryable: true });

describe("A thread's session", () => {
  test("is opened once by ten first calls at once", async () => {
    const place = memoryPlace();
    const orchestrator = await bound(place);
    const thread = orchestrator.thread("t1");
    const results = await Promise.all(Array.from({ length: 10 }, () => thread.call("exec_command", echo)));
    expect(results.every((result) => result.ok)).toBe(true);
    expect(place.created).toHaveLength(1);
    expect((await typesOf(orchestrator)).filter((type) => type === "session.created")).toHaveLength(1);
  });

  test("is not opened by what needs none: refused arguments, paths outside, reading events", async () => {
    const place = memoryPlace();
    const orchestrator = await bound(place);
    const thread = orchestrator.thread("t1");
    expect(await thread.call("exec_command", { program: 5 })).toMatchObject({ ok: false });
    expect(await thread.call("read_file", { path: "/etc/passwd" })).toMatchObject({ ok: false });
    expect(await thread.call("nothing", {})).toMatchObject({ ok: false, error: { code: "not_found" } });
    expect(thread.tools).toHaveLength(10);
    await orchestrator.close();
    expect(place.created).toEqual([]);
  });

  test("has its state stored before the first tool runs", async () => {
    const store = memoryStore();
    const seen: unknown[] = [];
    const place = memoryPlace({
      commands: {
        look: async () => {
          seen.push((await store.get("thread", "t1"))?.document);
          return {};
        },
      },
    });
    const orchestrator = await bound(place, { store });
    await orchestrator.thread("t1").call("exec_command", { program: "look" });
    expect(seen).toMatchObject([{ session: { status: "open", state: { sessionId: place.created[0] } } }]);
  });

  test("that could not be opened fails all who waited, and is tried again by the next call", async () => {
    const place = memoryPlace();
    const held = gate();
    place.beforeCreate = async () => {
      await held.passed;
      throw unavailable();
    };
    const orchestrator = await bound(place);
    const thread = orchestrator.thread("t1");
    const calls = Promise.all([thread.call("exec_command", echo), thread.call("list_files", {})]);
    held.open();
    for (const { ok, error } of await calls) {
      expect({ ok, code: error?.code }).toEqual({ ok: false, code: "unavailable" });
    }
    expect(place.created).toHaveLength(1);
    place.beforeCreate = async () => undefined;
    expect(await thread.call("exec_command", echo)).toMatchObject({ ok: true });
    expect(place.created).toHaveLength(2);
    expect(place.created[1]).toBe(place.created[0]);
  });

  test("goes on being opened when the call that began it is interrupted", async () => {
    const place = memoryPlace();
    const held = gate();
    const begun = gate();
    place.beforeCreate = async () => {
      begun.open();
      await held.passed;
    };
    const orchestrator = await bound(place);
    const thread = orchestrator.thread("t1");
    const controller = new AbortController();
    const interrupted = thread.call("exec_command", echo, { signal: controller.signal });
    await begun.passed;
    controller.abort();
    expect(await interrupted).toMatchObject({ ok: false, error: { code: "cancelled" } });
    const next = thread.call("exec_command", echo);
    held.open();
    expect(await next).toMatchObject({ ok: true });
    expect(place.created).toHaveLength(1);
  });

  test("that was made by a call nobody answered is found again by its id", async () => {
    const place = memoryPlace();
    place.afterCreate = async () => {
      await place.sessions.at(-1)?.detach();
      throw unavailable();
    };
    const orchestrator = await bound(place);
    const thread = orchestrator.thread("t1");
    expect(await thread.call("exec_command", echo)).toMatchObject({ ok: false, error: { code: "unavailable" } });
    expect(await thread.call("exec_command", echo)).toMatchObject({ ok: true });
    expect(place.resumed).toEqual([place.created[0]]);
  });

  test("that cannot be recorded is destroyed, and nothing runs in it", async () => {
    const store = memoryStore();
    const place = memoryPlace();
    place.afterCreate = async () => {
      const current = await store.get("thread", "t1");
      await store.commit([{ operation: "put", kind: "thread", id: "t1", document: current?.document ?? null }]);
    };
    const orchestrator = await bound(place, { store });
    const { ok, error } = await orchestrator.thread("t1").call("exec_command", echo);
    expect({ ok, code: error?.code }).toEqual({ ok: false, code: "conflict" });
    expect(await place.sessions[0]?.ended).toMatchObject({ reason: "destroyed" });
    place.afterCreate = async () => undefined;
    expect(await orchestrator.thread("t1").call("exec_command", echo)).toMatchObject({ ok: true });
  });

  test("is resumed by another orchestrator over the same store, with its files", async () => {
    const store = memoryStore();
    const place = memoryPlace();
    const first = await bound(place, { store });
    await first.thread("t1").call("write_file", { path: "a.txt", content: "kept" });
    expect(await first.close()).toMatchObject([{ threadId: "t1", sessionId: place.created[0] }]);
    const second = createOrchestrator({ providers: [place], store });
    expect(await second.thread("t1").call("read_file", { path: "a.txt" })).toMatchObject({ content: "1\tkept" });
    expect(place.created).toHaveLength(1);
    expect(place.resumed).toEqual(place.created);
    expect((await eventsOf(second)).filter((event) => event.type.startsWith("session."))).toMatchObject([
      { type: "session.created" },
      { type: "session.closed", data: { ending: "close", survivors: [] } },
      { type: "session.resumed", data: { outcome: "reattached", missing: [] } },
    ]);
  });

  test("that was lost is told of, and resumed by the next call", async () => {
    const place = memoryPlace();
    const orchestrator = await bound(place);
    const thread = orchestrator.thread("t1");
    await thread.call("exec_command", echo);
    place.loseConnection(place.created[0] ?? "");
    await place.sessions[0]?.ended;
    expect(await thread.call("exec_command", echo)).toMatchObject({ ok: true });
    expect(place.created).toHaveLength(1);
    expect(place.resumed).toHaveLength(1);
    expect((await typesOf(orchestrator)).slice(3)).toEqual([
      "tool.finished",
      "session.lost",
      "tool.started",
      "session.resumed",
      "tool.finished",
    ]);
  });

  test("that is gone is neither made anew nor replaced by this machine, unless the policy says so", async () => {
    const store = memoryStore();
    const first = await bound(memoryPlace(), { store });
    await first.thread("t1").call("exec_command", echo);
    await first.close();
    const place = memoryPlace();
    const second = createOrchestrator({ providers: [place], store });
    const { ok, error } = await second.thread("t1").call("exec_command", echo);
    expect({ ok, code: error?.code }).toEqual({ ok: false, code: "not_found" });
    expect(error?.message).toContain("is gone and there is no snapshot to restore it from");
    expect(place.created).toEqual([]);
    expect((await typesOf(second)).slice(-3)).toEqual(["tool.started", "session.lost", "tool.finished"]);

    const third = createOrchestrator({ providers: [place], store, policy: { onLost: "recreate" } });
    expect(await third.thread("t1").call("exec_command", echo)).toMatchObject({ ok: true });
    expect((await eventsOf(third)).at(-2)).toMatchObject({ type: "session.resumed", data: { outcome: "recreated" } });
  });

  test("is not replaced when it is only doubtful whether it is there", async () => {
    const store = memoryStore();
    const place = memoryPlace();
    const first = await bound(place, { store });
    await first.thread("t1").call("exec_command", echo);
    await first.close();
    place.beforeResume = async () => {
      throw unavailable();
    };
    const second = createOrchestrator({ providers: [place], store, policy: { onLost: "recreate" } });
    expect(await second.thread("t1").call("exec_command", echo)).toMatchObject({ error: { code: "unavailable" } });
    expect(place.created).toHaveLength(1);
  });

  test("is destroyed when its thread is unbound, also by an orchestrator that did not open it", async () => {
    const store = memoryStore();
    const place = memoryPlace();
    const first = await bound(place, { store });
    await first.thread("t1").call("exec_command", echo);
    await first.close();
    const second = createOrchestrator({ providers: [place], store });
    expect(await second.unbind("t1")).toBe(true);
    expect(await place.sessions.at(-1)?.ended).toMatchObject({ reason: "destroyed" });
    expect((await typesOf(second)).slice(-2)).toEqual(["session.closed", "thread.unbound"]);
    expect(await second.list()).toEqual([]);
  });
});

test("A thread that is not bound is refused, and no provider is asked", async () => {
  const place = memoryPlace();
  const orchestrator = createOrchestrator({ providers: [place] });
  const { ok, content, error } = await orchestrator.thread("t1").call("read_file", { path: "/etc/hostname" });
  expect({ ok, code: error?.code }).toEqual({ ok: false, code: "permission_denied" });
  expect(content).toBe(
    'permission_denied: Thread "t1" is not bound to a destination, and tools never run on this machine instead; bind it first',
  );
  expect(place.created).toEqual([]);
});

test("After close every call is refused, those under way end, and what was being opened is ended too", async () => {
  const place = memoryPlace();
  const held = gate();
  const begun = gate();
  place.beforeCreate = async () => {
    begun.open();
    await held.passed;
  };
  const orchestrator = await bound(place);
  const thread = orchestrator.thread("t1");
  const running = thread.call("exec_command", { program: "serve" });
  await begun.passed;
  const closing = orchestrator.close();
  held.open();
  await closing;
  expect(await orchestrator.close()).toBe(await closing);
  expect((await running).ok).toBe(false);
  expect(await place.sessions[0]?.ended).toMatchObject({ reason: "closed" });
  expect(await thread.call("exec_command", echo)).toMatchObject({ ok: false, error: { code: "ended" } });
  await expect(orchestrator.bind("t2", { destination })).rejects.toMatchObject({ code: "ended" });
});

test("A call that was on its way when the orchestrator was closed opens nothing", async () => {
  const place = memoryPlace();
  const orchestrator = await bound(place);
  const call = orchestrator.thread("t1").call("exec_command", echo);
  expect(await orchestrator.close()).toEqual([]);
  expect(await call).toMatchObject({ ok: false, error: { code: "ended" } });
  expect(place.created).toEqual([]);
});

test("A call after close writes nothing to the log", async () => {
  const orchestrator = await bound(memoryPlace());
  await orchestrator.close();
  await orchestrator.thread("t1").call("exec_command", echo);
  expect(await typesOf(orchestrator)).toEqual(["thread.bound"]);
});

test("A stored thread that is not one is corrupt, and opens nothing", async () => {
  const store = memoryStore();
  const place = memoryPlace();
  const orchestrator = await bound(place, { store });
  const { document } = (await store.get("thread", "t1")) ?? {};
  const tampered = { ...(document as object), binding: { workspace: "relative" } };
  await store.commit([{ operation: "put", kind: "thread", id: "t1", document: tampered }]);
  expect(await orchestrator.thread("t1").call("list_files", {})).toMatchObject({ error: { code: "corrupt" } });
  expect(place.created).toEqual([]);
});
