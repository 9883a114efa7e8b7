import { describe, expect, test } from "vitest";
import { startHelper } from "../../src/helper/start-helper.js";
import { FakeHelper } from "../support/fake-helper.js";
import { destination, fakeProvider } from "../support/fake-provider.js";

describe("opening a session", () => {
  test("passes over the noise of a login shell", async () => {
    await using session = await fakeProvider({
      greet: (nonce) => `Welcome!\nmotd MOORING/1 \nMOORING/1 ${nonce}\n`,
    }).open();
    expect(session.workspace).toBe("/srv/place");
  });

  test.each([
    ["another nonce", () => `MOORING/1 ${"0".repeat(32)}\n`],
    ["another version", (nonce: string) => `MOORING/2 ${nonce}\n`],
    ["noise without an end", () => "x".repeat(70_000)],
  ])("with %s is `corrupt`, and what was made is removed", async (_what, greet) => {
    const fake = fakeProvider({ greet });
    await expect(fake.open()).rejects.toMatchObject({ code: "corrupt" });
    expect(fake.helpers[0]?.killed).toBe(true);
    expect(fake.events).toEqual(["created", "transport destroyed", "transport let go"]);
  });

  test("with a helper that says nothing is `unavailable` when its time is up", async () => {
    const helper = new FakeHelper({ greet: () => undefined });
    const { channel } = helper.transport;
    const starting = startHelper(channel, { leaseMs: 1_000, openTimeoutMs: 20, signal: undefined });
    helper.stderr.write("perl: warning: Setting locale failed.\n");
    await expect(starting).rejects.toMatchObject({
      code: "unavailable",
      message: "The helper on the far side did not answer within 20 ms; it said: perl: warning: Setting locale failed.",
    });
    expect(helper.killed).toBe(true);
  });

  test("with a Perl that cannot run the helper tells why there is none", async () => {
    const helper = new FakeHelper({
      greet: (_nonce, self) => {
        self.stdout.write("sh: perl: not found\n");
        self.exit({ code: 127, signal: null });
        return undefined;
      },
    });
    const { channel } = helper.transport;
    const started = await startHelper(channel, { leaseMs: 1_000, openTimeoutMs: 5_000, signal: undefined });
    expect("absent" in started && started.absent.message).toContain("sh: perl: not found");
  });

  test("is given up when its signal is aborted", async () => {
    const controller = new AbortController();
    const fake = fakeProvider({
      greet: () => {
        controller.abort(new Error("no longer needed"));
        return undefined;
      },
    });
    await expect(fake.open({ signal: controller.signal })).rejects.toMatchObject({ code: "cancelled" });
    expect(fake.helpers[0]?.killed).toBe(true);
    expect(fake.events).toContain("transport destroyed");
  });

  test("whose signal is aborted already creates nothing", async () => {
    const fake = fakeProvider();
    await expect(fake.open({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cancelled" });
    expect(fake.events).toEqual([]);
  });

  test("under a session id that is taken is `already_exists`", async () => {
    const fake = fakeProvider({
      requests: {
        "session.open": (helper, id) =>
          helper.error(id, { code: "already_exists", message: "there is such a session" }),
      },
    });
    await expect(fake.open({ sessionId: "taken" })).rejects.toMatchObject({
      code: "already_exists",
      operation: "createSession",
    });
  });
});

describe("bad input", () => {
  test.each<[string, string, unknown, unknown]>([
    [
      "invalid_request",
      'Expected `providerId` of destination to be "fake", got "other" (string)',
      { ...destination, providerId: "other" },
      {},
    ],
    [
      "invalid_request",
      'Wrong `id` of destination: expected a string that is not empty, got "" (string)',
      { ...destination, id: "" },
      {},
    ],
    ["invalid_request", "Expected `destination` to be an object, got nothing", undefined, {}],
    [
      "unsupported",
      "fake cannot enforce the requirements memoryBytes",
      { ...destination, requirements: { memoryBytes: 5 } },
      {},
    ],
    ["unsupported", "fake cannot enforce the requirements gpu", { ...destination, requirements: { gpu: 1 } }, {}],
    [
      "unsupported",
      "fake does not furnish a workspace from a manifest; got 1 entries and 0 mounts",
      { ...destination, defaultManifest: { entries: [{ source: "/a", target: "b", writable: true }], mounts: [] } },
      {},
    ],
    [
      "unsupported",
      "fake cannot start a workspace from a snapshot",
      destination,
      { snapshot: { providerId: "fake", snapshotId: "s", metadata: null } },
    ],
    [
      "invalid_request",
      'Wrong `workspace` of session options: expected an absolute path, one that begins with /, got "relative" (string)',
      destination,
      { workspace: "relative" },
    ],
    [
      "invalid_request",
      'Wrong `sessionId` of session options: expected 1 to 128 of A-Z a-z 0-9 . _ -, not starting with a dot, got "" (string)',
      destination,
      { sessionId: "" },
    ],
  ])("is %s: %s", async (code, message, wrongDestination, options) => {
    const fake = fakeProvider();
    const creating = fake.provider.createSession(wrongDestination as typeof destination, options as object);
    await expect(creating).rejects.toMatchObject({ code, message });
    expect(fake.events).toEqual([]);
  });

  test("with secret-like keys at any depth is refused without repeating the value", async () => {
    const fake = fakeProvider();
    const config = { root: "/srv/place", env: { nested: { apiKey: "hunter2" } } };
    const error: unknown = await fake.provider
      .createSession({ ...destination, config })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "invalid_request" });
    expect(String(error)).toContain("`env.nested.apiKey`");
    expect(JSON.stringify(error)).not.toContain("hunter2");
    expect(fake.events).toEqual([]);
  });
});

describe("resuming a session", () => {
  const state = {
    version: 1,
    providerId: "fake",
    sessionId: "s1",
    destinationId: "here",
    snapshot: null,
    workspace: "/srv/place",
    metadata: null,
    providerState: {},
  } as const;

  test("finds it again, and asks the far side for it by its id", async () => {
    const fake = fakeProvider({
      requests: {
        "session.open": (helper, id, record) => {
          expect(record.get("mode")?.toString()).toBe("resume");
          expect(record.get("sessionId")?.toString()).toBe("s1");
          helper.result(id, {
            os: "Linux",
            arch: "x",
            workspace: "/srv/place",
            confinement: "none",
            fileConfinement: "kernel",
            watch: "none",
          });
        },
      },
    });
    const { session, outcome, missing } = await fake.provider.resumeSession(destination, state);
    expect([outcome, missing, session.id]).toEqual(["reattached", [], "s1"]);
    await session[Symbol.asyncDispose]();
    expect((await session.ended).reason).toBe("closed");
  });

  test.each<[string, object]>([
    ["invalid_request", { providerId: "another" }],
    ["invalid_request", { version: 2 }],
    ["invalid_request", { sessionId: "../x" }],
    ["invalid_request", { workspace: "relative" }],
    ["invalid_request", { destinationId: "elsewhere" }],
  ])("from a state that is not to be trusted is %s: %j", async (code, change) => {
    const fake = fakeProvider();
    await expect(fake.provider.resumeSession(destination, { ...state, ...change })).rejects.toMatchObject({ code });
    expect(fake.helpers).toEqual([]);
  });

  test("that is gone fails, unless it may be made anew", async () => {
    const fake = fakeProvider();
    const gone = { ...state, providerState: { gone: true } };
    await expect(fake.provider.resumeSession(destination, gone)).rejects.toMatchObject({ code: "not_found" });
    await expect(fake.provider.resumeSession(destination, gone, { onLost: "restore" })).rejects.toMatchObject({
      code: "not_found",
    });
    const resumed = await fake.provider.resumeSession(destination, gone, { onLost: "recreate" });
    expect(resumed.outcome).toBe("recreated");
    expect(resumed.missing).toHaveLength(1);
    await resumed.session.destroy();
  });

  test("that is only out of reach is never made anew", async () => {
    const fake = fakeProvider({
      requests: { "session.open": (helper, id) => helper.error(id, { code: "unavailable", message: "try later" }) },
    });
    await expect(fake.provider.resumeSession(destination, state, { onLost: "recreate" })).rejects.toMatchObject({
      code: "unavailable",
    });
    expect(fake.events).not.toContain("created");
  });
});
