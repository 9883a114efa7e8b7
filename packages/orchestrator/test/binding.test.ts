import { describe, expect, test } from "vitest";
import { createOrchestrator, memoryStore, type BindingInput, type StoreEngine } from "../src/index.js";
import { memoryPlace, withoutDefaultWorkspace } from "./support/memory-place.js";

const memory = { providerId: "memory" };

async function documentOf(store: StoreEngine, threadId: string): Promise<string> {
  return JSON.stringify((await store.get("thread", threadId))?.document);
}

describe("Binding a thread", () => {
  test("checks and records it, and creates nothing", async () => {
    const place = memoryPlace();
    const orchestrator = createOrchestrator({ providers: [place] });
    const bound = await orchestrator.bind("t1", { destination: memory, workspace: "/srv/place", readRoots: ["/usr"] });
    expect(bound).toEqual({
      threadId: "t1",
      destination: {
        id: "thread-t1",
        providerId: "memory",
        config: null,
        defaultManifest: { entries: [], mounts: [] },
      },
      workspace: "/srv/place",
      readRoots: ["/usr"],
      sessionId: null,
    });
    expect(await orchestrator.get("t1")).toEqual(bound);
    expect(await orchestrator.list()).toEqual([bound]);
    expect(place.created).toEqual([]);
    const { events } = await orchestrator.thread("t1").events.read();
    expect(events).toMatchObject([
      { seq: 1, threadId: "t1", type: "thread.bound", data: { destinationId: "thread-t1", providerId: "memory" } },
    ]);
  });

  test("keeps the destination's id when one is given, and takes the workspace that the configuration implies", async () => {
    const orchestrator = createOrchestrator({ providers: [memoryPlace()] });
    const bound = await orchestrator.bind("t1", {
      destination: { ...memory, id: "mine", config: { workspace: "/implied" } },
    });
    expect(bound).toMatchObject({ destination: { id: "mine" }, workspace: "/implied" });
  });

  test.each<[string, BindingInput, string]>([
    [
      "a provider that is not there",
      { destination: { providerId: "e2b" } },
      'Provider "e2b" is not installed; installed: memory',
    ],
    ["no destination", {}, "Wrong `destination` of binding"],
    ["a location that nobody knows", { destination: "nowhere:/x" }, 'got "nowhere:/x" (string); installed: memory'],
    [
      "a relative workspace",
      { destination: memory, workspace: "work" },
      'Wrong `workspace` of binding: expected an absolute path, one that begins with /, got "work" (string)',
    ],
    [
      "a relative read root",
      { destination: memory, readRoots: ["/ok", "lib"] },
      'Wrong `readRoots.1` of binding: expected an absolute path, one that begins with /, got "lib" (string)',
    ],
    ["an empty destination id", { destination: { ...memory, id: "" } }, "Wrong `id` of destination"],
    [
      "a secret in the configuration",
      { destination: { ...memory, config: { deep: [{ apiKey: "sk-123" }] } } },
      'Wrong `config.deep.0.apiKey` of destination: "apiKey" looks like a secret',
    ],
    [
      "a secret in the environment",
      { destination: memory, env: { GITHUB_TOKEN: "ghp_123" } },
      'Wrong `env.GITHUB_TOKEN` of binding: "GITHUB_TOKEN" looks like a secret',
    ],
    [
      "a configuration that the provider does not know",
      { destination: { ...memory, config: { color: "red" } } },
      'Wrong `color` of config of memory: expected no such key, got "red" (string)',
    ],
    ["a misspelt option", { destination: memory, workspce: "/w" } as BindingInput, 'Unrecognized key: "workspce"'],
    [
      "a requirement that nobody knows",
      { destination: { ...memory, requirements: { gpus: 1 } as object } },
      'Unrecognized key: "gpus"',
    ],
  ])("refuses %s, names it, and records nothing", async (_title, binding, message) => {
    const place = memoryPlace();
    const store = memoryStore();
    const orchestrator = createOrchestrator({ providers: [place], store });
    const refusal = await orchestrator.bind("t1", binding).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "invalid_request", phase: "before_start" });
    expect((refusal as Error).message).toContain(message);
    expect((refusal as Error).message).not.toMatch(/sk-123|ghp_123/);
    expect(await store.get("thread", "t1")).toBeNull();
    expect((await orchestrator.thread("t1").events.read()).events).toEqual([]);
    expect(place.created).toEqual([]);
  });

  test("refuses what the provider cannot enforce", async () => {
    const orchestrator = createOrchestrator({ providers: [memoryPlace()] });
    const binding = { destination: { ...memory, requirements: { pids: 5 } } };
    await expect(orchestrator.bind("t1", binding)).rejects.toMatchObject({ code: "unsupported" });
  });

  test.each(["", "a\nb", "x".repeat(257)])("refuses %j as a thread's id", async (threadId) => {
    const orchestrator = createOrchestrator({ providers: [memoryPlace()] });
    await expect(orchestrator.bind(threadId, { destination: memory })).rejects.toMatchObject({
      code: "invalid_request",
    });
    expect(() => orchestrator.thread(threadId)).toThrow("Expected `threadId` to be 1 to 256 characters");
  });

  test("changes nothing when it is the same again, and refuses another", async () => {
    const orchestrator = createOrchestrator({ providers: [memoryPlace()] });
    const bound = await orchestrator.bind("t1", { destination: memory });
    expect(await orchestrator.bind("t1", { destination: memory })).toEqual(bound);
    await expect(orchestrator.bind("t1", { destination: memory, workspace: "/other" })).rejects.toMatchObject({
      code: "already_exists",
    });
    expect((await orchestrator.thread("t1").events.read()).events).toHaveLength(1);
  });

  test("is refused when its signal was aborted before", async () => {
    const orchestrator = createOrchestrator({ providers: [memoryPlace()] });
    const signal = AbortSignal.abort();
    await expect(orchestrator.bind("t1", { destination: memory }, { signal })).rejects.toMatchObject({
      code: "cancelled",
    });
    expect(await orchestrator.get("t1")).toBeUndefined();
  });
});

test("Names of secrets are stored, their values never", async () => {
  const store = memoryStore();
  const place = memoryPlace();
  const orchestrator = createOrchestrator({
    providers: [place],
    store,
    secrets: { resolve: async () => "the-very-value" },
  });
  await orchestrator.bind("t1", { destination: memory, env: { GITHUB_TOKEN: { id: "github" } } });
  const { content } = await orchestrator.thread("t1").call("exec_command", { program: "env" });
  expect(content).toContain("GITHUB_TOKEN=the-very-value");
  expect(await documentOf(store, "t1")).toContain('"GITHUB_TOKEN":{"id":"github"}');
  const { events } = await orchestrator.thread("t1").events.read();
  expect(JSON.stringify([await store.get("thread", "t1"), events])).not.toContain("the-very-value");
});

describe("The default destination", () => {
  const call = { program: "where" };

  test("binds a new thread when the configuration implies a workspace", async () => {
    const place = memoryPlace();
    const orchestrator = createOrchestrator({ providers: [place], defaultDestination: { destination: memory } });
    const results = await Promise.all([1, 2, 3].map(() => orchestrator.thread("t1").call("exec_command", call)));
    expect(results.map((result) => result.ok)).toEqual([true, true, true]);
    expect(await orchestrator.get("t1")).toMatchObject({ destination: { id: "thread-t1" }, workspace: "/workspace" });
    expect(place.created).toHaveLength(1);
  });

  test("binds a new thread when it gives a workspace itself", async () => {
    const orchestrator = createOrchestrator({
      providers: [withoutDefaultWorkspace(memoryPlace())],
      defaultDestination: { destination: memory, workspace: "/given" },
    });
    const { data } = await orchestrator.thread("t1").call("exec_command", call);
    expect(data).toMatchObject({ stdout: { text: "/given" } });
  });

  test("binds no thread when no workspace is known", async () => {
    const place = memoryPlace();
    const orchestrator = createOrchestrator({
      providers: [withoutDefaultWorkspace(place)],
      defaultDestination: { destination: memory },
    });
    const { ok, error } = await orchestrator.thread("t1").call("exec_command", call);
    expect({ ok, code: error?.code }).toEqual({ ok: false, code: "permission_denied" });
    expect(place.created).toEqual([]);
    await expect(orchestrator.bind("t1", {})).rejects.toMatchObject({ code: "invalid_request" });
  });

  test("gives way to an explicit one", async () => {
    const orchestrator = createOrchestrator({
      providers: [memoryPlace(), memoryPlace({ id: "other" })],
      defaultDestination: { destination: { providerId: "other" }, workspace: "/default" },
    });
    await orchestrator.bind("t1", { destination: { ...memory, config: { workspace: "/explicit" } } });
    const { data } = await orchestrator.thread("t1").call("exec_command", call);
    expect(data).toMatchObject({ stdout: { text: "/explicit" } });
    expect(await orchestrator.bind("t2", {})).toMatchObject({
      destination: { providerId: "other" },
      workspace: "/default",
    });
  });

  test("does not take a thread back that was unbound", async () => {
    const orchestrator = createOrchestrator({
      providers: [memoryPlace()],
      defaultDestination: { destination: memory },
    });
    await orchestrator.bind("t1", {});
    expect(await orchestrator.unbind("t1")).toBe(true);
    expect(await orchestrator.unbind("t1")).toBe(false);
    const { error } = await orchestrator.thread("t1").call("list_files", {});
    expect(error?.code).toBe("permission_denied");
    await orchestrator.bind("t1", {});
    expect(await orchestrator.thread("t1").call("list_files", {})).toMatchObject({ ok: true });
  });
});

test("Two providers of one id, or one of another version, are refused when the orchestrator is made", () => {
  expect(() => createOrchestrator({ providers: [memoryPlace(), memoryPlace()] })).toThrow(
    'Expected `providers` with one id each, got "memory" twice',
  );
  const other = { ...memoryPlace(), specificationVersion: "runner-v2" as "runner-v1" };
  expect(() => createOrchestrator({ providers: [other] })).toThrow(
    'Expected the `specificationVersion` of provider "memory" to be "runner-v1", got "runner-v2" (string)',
  );
});
