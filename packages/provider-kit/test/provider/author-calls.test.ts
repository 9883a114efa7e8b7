import { RunnerError } from "@mooring/api";
import { describe, expect, test } from "vitest";
import {
  defineProvider,
  type ProviderDefinition,
  residentHelperCapabilities,
  type RunnerTransport,
} from "../../src/index.js";
import { FakeHelper } from "../support/fake-helper.js";
import { destination, type FakeConfig, fakeProvider } from "../support/fake-provider.js";
import * as z from "zod";

const never = () => new Promise<never>(() => undefined);
const limits = { leaseMs: 2_000, openTimeoutMs: 1_000, placeTimeoutMs: 300 };

function provider(changes: Partial<ProviderDefinition<FakeConfig>>, transport: Partial<RunnerTransport> = {}) {
  const place = async (): Promise<RunnerTransport> => ({ ...new FakeHelper().transport, ...transport });
  return defineProvider<FakeConfig>({
    id: "fake",
    configSchema: z.strictObject({ root: z.string() }) as never,
    capabilities: residentHelperCapabilities,
    policy: () => limits,
    defaultWorkspace: ({ root }) => root,
    create: place,
    attach: place,
    ...changes,
  });
}

const failures: readonly (readonly [string, () => Promise<never>, string])[] = [
  ["rejects in words of its own", () => Promise.reject(new TypeError("fetch failed")), "unavailable"],
  ["rejects with nothing", () => Promise.reject(undefined as unknown as Error), "unavailable"],
  [
    "throws at once",
    () => {
      throw new Error("not even a promise");
    },
    "unavailable",
  ],
  ["never settles", never, "unavailable"],
  ["resolves to nothing", async () => undefined as never, "corrupt"],
  [
    "has a reason of the contract",
    () => Promise.reject(new RunnerError("unauthenticated", "no key")),
    "unauthenticated",
  ],
];

describe.each(failures)("an author's call that %s", (_how, fail, code) => {
  test("fails `createSession` with the contract's error", async () => {
    await expect(provider({ create: fail }).createSession(destination)).rejects.toSatisfy(
      (error) => RunnerError.is(error) && error.code === code,
    );
  });

  test("fails `listSessions` and `reap` alike", async () => {
    const over = provider({ connect: fail });
    await expect(over.reap?.(destination)).rejects.toMatchObject({ code });
    await expect(over.listSessions?.(destination)[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code });
  });

  test("fails the start of a process alike", async () => {
    const { channel } = new FakeHelper().transport;
    const over = provider({}, { channel: { ...channel, spawn: fail } });
    await expect(over.createSession(destination)).rejects.toMatchObject({ code });
  });
});

describe("a place that comes too late", () => {
  test("is removed and let go of", async () => {
    const events: string[] = [];
    let opening: Promise<unknown> | undefined;
    const gone = new Promise<void>((resolve) => {
      const create = async (): Promise<RunnerTransport> => {
        await new Promise((later) => setTimeout(later, 500));
        return {
          ...new FakeHelper().transport,
          destroy: async () => void events.push("removed"),
          async [Symbol.asyncDispose]() {
            events.push("let go");
            resolve();
          },
        };
      };
      opening = provider({ create }).createSession(destination);
    });
    await expect(opening).rejects.toMatchObject({ code: "unavailable" });
    await gone;
    expect(events).toEqual(["removed", "let go"]);
  });
});

describe("a session", () => {
  test.each([
    ["fails", () => Promise.reject(new Error("no"))],
    [
      "throws",
      () => {
        throw new Error("no");
      },
    ],
  ])("whose transport %s to let go says that it has ended all the same", async (_how, fail) => {
    const session = await provider({}, { [Symbol.asyncDispose]: fail }).createSession(destination);
    await expect(session.close()).rejects.toMatchObject({ code: "unavailable" });
    expect(await session.ended).toEqual({ reason: "closed" });
  });

  test("whose processes cannot be killed, and whose ends reject, closes nevertheless", async () => {
    const helper = new FakeHelper();
    const { channel } = helper.transport;
    const spawn = async () => ({
      ...helper.process,
      exited: helper.exited.then(() => Promise.reject(new Error("no exit"))),
      kill() {
        throw new Error("no kill");
      },
    });
    const session = await provider({}, { channel: { ...channel, spawn } }).createSession(destination);
    helper.exit();
    expect((await session.ended).reason).toBe("lost");
    await session.close();
  });

  test("whose place could not be removed lets go of it none the less when it cannot be opened", async () => {
    const fake = fakeProvider(
      { greet: () => `MOORING/7 ${"0".repeat(32)}\n` },
      { destroy: () => Promise.reject(new Error("no")) },
    );
    await expect(fake.open()).rejects.toMatchObject({ code: "corrupt" });
    expect(fake.events).toEqual(["created", "transport let go"]);
  });
});

describe("a helper that ends before it answers", () => {
  test.each([
    ["by a signal", { code: null, signal: "SIGKILL" }],
    ["with a lost connection", { code: null, signal: null }],
    ["with an exit of its own", { code: 1, signal: null }],
  ])("%s is `unavailable`, and no reason for a lesser one", async (_how, exit) => {
    let spawned = 0;
    const helper = new FakeHelper({
      greet: (_nonce, self) => {
        self.exit(exit);
        return undefined;
      },
    });
    const { channel } = helper.transport;
    const spawn = async () => {
      spawned++;
      return helper.process;
    };
    const over = provider({}, { channel: { ...channel, spawn } });
    await expect(over.createSession(destination)).rejects.toMatchObject({ code: "unavailable" });
    expect(spawned).toBe(1);
  });
});
