import { describe, expect, test } from "vitest";
import { createHash } from "node:crypto";
import { createOrchestrator, cursorAfter, memoryStore, type ThreadEvent } from "../src/index.js";
import { boundThread } from "./support/bound-thread.js";
import { memoryPlace } from "./support/memory-place.js";

const echo = { program: "echo", args: ["hi"] };

describe("A thread's log", () => {
  test("has an event for the beginning and the end of each call, in one envelope", async () => {
    const { thread } = await boundThread(memoryPlace());
    const { content, durationMs } = await thread.call("exec_command", echo, {
      callId: "c1",
      turnId: "turn-7",
      runId: "r",
    });
    const { events } = await thread.events.read();
    expect(events.map((event) => [event.seq, event.type])).toEqual([
      [1, "thread.bound"],
      [2, "tool.started"],
      [3, "session.created"],
      [4, "tool.finished"],
    ]);
    expect(new Set(events.map((event) => event.epoch)).size).toBe(1);
    expect(new Set(events.map((event) => event.id)).size).toBe(4);
    expect(events[1]).toMatchObject({
      threadId: "t1",
      turnId: "turn-7",
      runId: "r",
      data: { callId: "c1", tool: "exec_command", arguments: echo },
    });
    expect(events[3]).toMatchObject({
      turnId: "turn-7",
      sessionId: events[2]?.sessionId,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      data: {
        callId: "c1",
        ok: true,
        durationMs,
        waits: { sessionMs: expect.any(Number), leaseMs: expect.any(Number) },
        output: {
          sha256: createHash("sha256").update(content).digest("hex"),
          sizeBytes: Buffer.byteLength(content),
        },
        truncated: false,
        facts: { exitCode: 0, stdoutBytes: 3 },
      },
    });
    expect(JSON.stringify(events)).not.toContain("hi\\n");
  });

  test("tells of refused calls too", async () => {
    const { thread } = await boundThread(memoryPlace());
    await thread.call("read_file", { path: "../x" });
    const { events } = await thread.events.read();
    expect(events.slice(1)).toMatchObject([
      { type: "tool.started" },
      { type: "tool.finished", data: { ok: false, error: { code: "path_escape" } } },
    ]);
  });

  test("holds no file that was read and only the beginning of what was written", async () => {
    const { thread } = await boundThread(memoryPlace({ files: { "/workspace/a.txt": "private words\n" } }));
    await thread.call("read_file", { path: "a.txt" });
    await thread.call("edit_file", { path: "a.txt", oldText: "privat words", newText: "x" });
    const content = "y".repeat(100_000);
    await thread.call("write_file", { path: "b.txt", content });
    const { events } = await thread.events.read();
    expect(JSON.stringify(events)).not.toContain("private words");
    const written = events.find((event) => event.type === "tool.started" && event.data.tool === "write_file");
    const sha256 = createHash("sha256").update(content).digest("hex");
    expect(written?.data).toMatchObject({
      arguments: { path: "b.txt", content: `${"y".repeat(256)} [100000 bytes, sha256 ${sha256}]` },
    });
  });

  test("stays small whatever the arguments are", async () => {
    const { thread } = await boundThread(memoryPlace());
    let deep: unknown = "x";
    for (let depth = 0; depth < 2_000; depth += 1) deep = [deep];
    const env = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`NAME_${index}`, "v".repeat(900)]));
    await thread.call("exec_command", { program: "echo", args: [deep], env });
    const { events } = await thread.events.read();
    expect(JSON.stringify(events[1]).length).toBeLessThan(20_000);
  });

  test("is read exactly from every cursor, and followed as it grows", async () => {
    const { thread } = await boundThread(memoryPlace());
    await thread.call("exec_command", echo);
    const { events, cursor } = await thread.events.read();
    for (const [index, event] of events.entries()) {
      const rest = await thread.events.read(cursorAfter(event));
      expect(rest.events).toEqual(events.slice(index + 1));
      expect(rest.cursor).toBe(cursor);
    }
    const followed: ThreadEvent[] = [];
    const call = thread.call("list_files", {});
    for await (const event of thread.events.tail(cursor)) {
      followed.push(event);
      if (event.type === "tool.finished") break;
    }
    await call;
    expect(followed.map((event) => [event.seq, event.type])).toEqual([
      [5, "tool.started"],
      [6, "tool.finished"],
    ]);
  });

  test("says expired for what it no longer has, and for a cursor of another log", async () => {
    const store = memoryStore();
    const { thread } = await boundThread(memoryPlace(), { store });
    await thread.call("exec_command", echo);
    const { events, cursor } = await thread.events.read();
    await store.trim("thread/t1", cursor);
    const first = events[0];
    if (first === undefined) throw new Error("no event");
    await expect(thread.events.read(cursorAfter(first))).rejects.toMatchObject({ code: "expired" });
    const other = await boundThread(memoryPlace());
    await expect(other.thread.events.read(cursor)).rejects.toMatchObject({ code: "expired" });
    await expect(thread.events.read("yesterday")).rejects.toMatchObject({ code: "invalid_request" });
  });
});

describe("The value of a secret", () => {
  const secrets = { resolve: async ({ id }: { id: string }) => `value-of-${id}` };
  const destination = { providerId: "memory" };

  test("is replaced in arguments, facts and errors, from the very first call", async () => {
    const store = memoryStore();
    const orchestrator = createOrchestrator({ providers: [memoryPlace()], store, secrets });
    await orchestrator.bind("t1", { destination, env: { GITHUB_TOKEN: { id: "github" } } });
    const thread = orchestrator.thread("t1");
    await thread.call("exec_command", { program: "echo", args: ["x value-of-github y"] });
    await thread.call("exec_command", { program: "value-of-github" });
    await thread.call("write_file", { path: "value-of-github.txt", content: "value-of-github" });
    await thread.call("read_file", { path: "~/value-of-github" });
    const { events } = await thread.events.read();
    expect(JSON.stringify(events)).not.toContain("value-of-github");
    expect(events[1]?.data).toMatchObject({ arguments: { args: ["x [secret github] y"] } });
  });

  test("is not in an error that the model is shown", async () => {
    const orchestrator = createOrchestrator({ providers: [memoryPlace()], secrets });
    await orchestrator.bind("t1", { destination, env: { GITHUB_TOKEN: { id: "github" } } });
    const { content, error } = await orchestrator.thread("t1").call("exec_command", { program: "value-of-github" });
    expect(content).toBe("not_found: No such program: [secret github]");
    expect(JSON.stringify(error)).not.toContain("value-of-github");
  });

  test("given under a name that says so is not written although nobody knows it", async () => {
    const { thread } = await boundThread(memoryPlace());
    await thread.call("exec_command", { ...echo, env: { API_TOKEN: "unheard-of" } });
    const { events } = await thread.events.read();
    expect(JSON.stringify(events)).not.toContain("unheard-of");
    expect(events[1]?.data).toMatchObject({ arguments: { env: { API_TOKEN: "[secret]" } } });
  });

  test("that cannot be resolved fails the call that needs it, and names the reference", async () => {
    const broken = {
      resolve: async () => {
        throw new Error("vault is sealed");
      },
    };
    const orchestrator = createOrchestrator({ providers: [memoryPlace()], secrets: broken });
    await orchestrator.bind("t1", { destination, env: { GITHUB_TOKEN: { id: "github" } } });
    const { ok, content } = await orchestrator.thread("t1").call("exec_command", echo);
    expect(ok).toBe(false);
    expect(content).toContain("vault is sealed");
  });
});

test("Nothing is done when its beginning cannot be written, and what is done is not undone when its end cannot", async () => {
  const store = memoryStore();
  const place = memoryPlace();
  const { thread } = await boundThread(place, { store });
  const commit = store.commit.bind(store);
  let left = 0;
  store.commit = async (operations, fence) => {
    if (left === 0) throw new Error("disk is full");
    left -= 1;
    return commit(operations, fence);
  };
  expect(await thread.call("write_file", { path: "a", content: "1" })).toMatchObject({ ok: false });
  expect(place.created).toEqual([]);
  // The start, the intent of a session, the session.
  left = 3;
  const written = await thread.call("write_file", { path: "a", content: "1" });
  expect(written).toMatchObject({
    ok: true,
    warnings: ["The end of this call could not be written to the event log: disk is full"],
  });
});
