import { RunnerError } from "@mooring/api";
import { describe, expect, test } from "vitest";
import { collect } from "../support/collect.js";
import { fakeProvider } from "../support/fake-provider.js";

describe("the end of a session", () => {
  test.each(["close", "detach", "destroy"] as const)(
    "by %s is reported once, and again to whoever asks again",
    async (verb) => {
      const modes: string[] = [];
      const fake = fakeProvider({
        requests: {
          "session.end": (helper, id, record) => {
            modes.push(record.get("mode")?.toString() ?? "");
            helper.result(id, { commandsEnded: 2, survivors: Buffer.from([0, 0, 0, 2, 0x34, 0x32]) });
            helper.exit();
          },
        },
      });
      const session = await fake.open();
      const report = await session[verb]();
      expect(report).toEqual({ commandsEnded: 2, survivors: [42], confirmed: true });
      expect(await session[verb]()).toBe(report);
      expect(modes).toEqual([verb]);
      expect(fake.events).toEqual(
        verb === "destroy" ? ["created", "transport destroyed", "transport let go"] : ["created", "transport let go"],
      );
      expect(await session.ended).toEqual({
        reason: { close: "closed", detach: "detached", destroy: "destroyed" }[verb],
      });
    },
  );

  test("makes every later call reject with `ended`", async () => {
    const session = await fakeProvider().open();
    const view = session.restricted();
    await session.close();
    const calls = [
      session.commands.run({ program: "true" }),
      session.commands.list(),
      session.files.read("a"),
      collect(session.files.list(".")),
      session.ports.list(),
      session.snapshots.list(),
      session.extend(5),
      session.detach(),
      view.commands.run({ program: "true" }),
      view.files.stat("a"),
    ];
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: "ended" });
    await session[Symbol.asyncDispose]();
  });

  test("by disposal destroys what the call created, unless told otherwise", async () => {
    const created = await fakeProvider().open();
    await created[Symbol.asyncDispose]();
    expect((await created.ended).reason).toBe("destroyed");
    const kept = await fakeProvider().open({ onDispose: "detach" });
    await kept[Symbol.asyncDispose]();
    expect((await kept.ended).reason).toBe("detached");
  });

  test("by close can be followed by one by destroy, which removes what is left", async () => {
    const fake = fakeProvider();
    const session = await fake.open();
    await session.close();
    const report = await session.destroy();
    expect(report).toEqual({ commandsEnded: 0, survivors: [], confirmed: true });
    expect(await session.destroy()).toBe(report);
    expect(fake.helpers[1]?.requests).toEqual(["session.open", "session.end"]);
    expect(fake.events.at(-2)).toBe("transport destroyed");
    expect((await session.ended).reason).toBe("closed");
  });

  test("by a destroy that failed can be tried again", async () => {
    let failures = 2;
    const fake = fakeProvider(
      {},
      {
        destroy: async () => {
          if (failures-- > 0) throw new RunnerError("unavailable", "The machine does not answer");
        },
      },
    );
    const session = await fake.open();
    await expect(session.destroy()).rejects.toMatchObject({ code: "unavailable" });
    await expect(session.destroy()).rejects.toMatchObject({ code: "unavailable" });
    const report = await session.destroy();
    expect(report).toEqual({ commandsEnded: 0, survivors: [], confirmed: true });
    expect(await session.destroy()).toBe(report);
    expect(failures).toBe(-1);
  });

  test("settles commands that run, as closed", async () => {
    const fake = fakeProvider({
      requests: { "command.start": (helper, id) => helper.event(id, { event: "started", pid: 1 }) },
    });
    const session = await fake.open();
    const command = await session.commands.start({ program: "sleep" });
    await session.close();
    expect(await command.result()).toMatchObject({ reason: "closed", exit: { kind: "unknown" } });
  });

  test("by loss is pushed to whoever waits for it", async () => {
    const fake = fakeProvider();
    const session = await fake.open();
    fake.helpers[0]?.exit({ code: 70, signal: null });
    expect(await session.ended).toMatchObject({ reason: "lost", error: { code: "disconnected" } });
    await expect(session.files.read("a")).rejects.toMatchObject({ code: "disconnected" });
    expect(await session.destroy()).toEqual({ commandsEnded: 0, survivors: [], confirmed: true });
    expect(fake.helpers[1]?.requests).toEqual(["session.open", "session.end"]);
    expect(fake.events).toContain("transport destroyed");
  });

  test("settles even when the helper does not answer any more", async () => {
    const fake = fakeProvider({
      requests: { "session.end": (helper) => helper.exit({ code: null, signal: "SIGKILL" }) },
    });
    const session = await fake.open();
    expect(await session.close()).toEqual({ commandsEnded: 0, survivors: [], confirmed: false });
  });
});

describe("what a session lacks", () => {
  test("is refused in words that say so", async () => {
    await using session = await fakeProvider().open();
    await expect(session.artifacts.export({ path: "a" })).rejects.toMatchObject({
      code: "unsupported",
      message: "runner artifact export is not supported by this provider",
    });
    await expect(session.snapshots.create()).rejects.toMatchObject({ code: "unsupported" });
    await expect(session.mounts.list()).rejects.toMatchObject({ code: "unsupported" });
    await expect(session.pause()).rejects.toMatchObject({ code: "unsupported" });
    await expect(session.extend(1_000)).rejects.toMatchObject({ code: "unsupported" });
  });
});

describe("the state of a session", () => {
  test("names it and nothing else", async () => {
    await using session = await fakeProvider().open({ sessionId: "s1", env: { TOKEN: "hunter2" } });
    expect(session.state()).toEqual({
      version: 1,
      providerId: "fake",
      sessionId: "s1",
      destinationId: "here",
      snapshot: null,
      workspace: "/srv/place",
      metadata: null,
      providerState: {},
    });
  });
});
