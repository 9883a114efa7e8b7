import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { describe, expect, it, vi } from "vitest";
import { reapShellSessions, shellSessions } from "../../src/shell/shell-sessions.js";
import { openTestPlace, testShells } from "../support/test-shells.js";

const limits = { leaseMs: 30_000, openTimeoutMs: 20_000 };

describe.each(testShells)("a session over $name", (shell) => {
  it("is known by its labels while it is there, and gone when it was destroyed", async () => {
    await using place = await openTestPlace(shell, { sessionId: "one", labels: { run: "a=b c", part: "1" } });
    const channel = place.transport.channel;
    expect(await shellSessions(channel, { run: "a=b c" }, undefined, limits)).toMatchObject([
      { sessionId: "one", labels: { run: "a=b c", part: "1" }, state: "running", commands: 0 },
    ]);
    expect(await shellSessions(channel, { part: "2" }, undefined, limits)).toEqual([]);
    expect(await reapShellSessions(channel, {}, undefined, limits)).toEqual({ reaped: [], kept: ["one"] });
    await place.far.end("close");
    expect(await shellSessions(channel, {}, undefined, limits)).toMatchObject([{ sessionId: "one", state: "idle" }]);
    expect(await reapShellSessions(channel, {}, undefined, limits)).toEqual({ reaped: ["one"], kept: [] });
    expect(await shellSessions(channel, {}, undefined, limits)).toEqual([]);
  });

  it("is made once, and resumed only when it is there; who resumes it takes it over", async () => {
    await using place = await openTestPlace(shell, { sessionId: "one" });
    await expect(place.open({ sessionId: "one" })).rejects.toMatchObject({ code: "already_exists" });
    await expect(place.open({ sessionId: "two", mode: "resume" })).rejects.toMatchObject({ code: "not_found" });
    const command = await place.far.commands.start({ program: "sleep", args: ["60"] });
    const second = await place.open({ sessionId: "one", mode: "resume" });
    expect((await place.far.lost).code).toBe("disconnected");
    expect((await command.result()).reason).toBe("disconnected");
    expect((await second.commands.run({ program: "true" })).exit).toEqual({ kind: "code", code: 0 });
    await second.end("destroy");
  });

  it("counts as lost when its control shell says nothing for the lease", async () => {
    await using place = await openTestPlace(shell, { leaseMs: 150 });
    const [state = ""] = readdirSync(place.states);
    const [owner = ""] = readFileSync(path.join(place.states, state, "owner"), "utf8").split(":");
    const command = await place.far.commands.start({ program: "sleep", args: ["60"] });
    process.kill(Number(owner), "SIGSTOP");
    expect((await place.far.lost).code).toBe("disconnected");
    expect((await command.result()).reason).toBe("disconnected");
  });

  it("leaves nothing when it cannot be opened", async () => {
    await using place = await openTestPlace(shell);
    const before = readdirSync(place.states);
    const root = path.join(place.root, "missing");
    await expect(place.open({ sessionId: randomUUID(), root })).rejects.toMatchObject({ code: "not_found" });
    expect(readdirSync(place.states)).toEqual(before);
    const made = await place.open({ sessionId: randomUUID(), root, createRoot: true });
    expect(made.workspace).toBe(root);
    await made.end("destroy");
    mkdirSync(path.join(place.root, "there"));
    expect(readdirSync(place.states)).toEqual(before);
  });

  it("has left nothing when an aborted opening rejects, whichever of its scripts hears of it first", async () => {
    await using place = await openTestPlace(shell);
    const before = readdirSync(place.states);
    const { channel } = place.transport;
    const spawn = channel.spawn.bind(channel);
    vi.spyOn(channel, "spawn").mockImplementation(async (argv, options) => {
      if (!argv.includes("kill -9 $$")) return await spawn(argv, options);
      // One that does not come to be before the abort.
      return await new Promise((_resolve, reject) => {
        options?.signal?.addEventListener("abort", () => reject(options.signal?.reason), { once: true });
      });
    });
    const controller = new AbortController();
    const opening = place.open({ sessionId: randomUUID(), signal: controller.signal });
    await expect.poll(() => readdirSync(place.states).length).toBe(before.length + 1);
    controller.abort(new Error("not wanted"));
    await expect(opening).rejects.toThrow();
    expect(readdirSync(place.states)).toEqual(before);
  });
});
