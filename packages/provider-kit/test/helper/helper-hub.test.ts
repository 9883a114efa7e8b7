import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import type { RemoteRunnerSession } from "@mooring/api";
import { afterEach, beforeEach, expect, test } from "vitest";
import { defineProvider, HelperHub, residentHelperCapabilities, type TransportChannel } from "../../src/index.js";
import { childDestination, childSchema, spawnChild } from "../support/child-provider.js";
import { childrenOf, isAlive } from "../support/processes.js";

let folder: string;
let hubProcess: ChildProcess | undefined;
let spawned: number;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "mooring-hub-"));
  spawned = 0;
});

afterEach(() => {
  hubProcess?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

function channelOf(spawnedBy: (child: ChildProcess) => void): TransportChannel {
  return {
    kind: "bytes",
    async spawn(argv) {
      const { child, process: started } = spawnChild(argv, path.join(folder, "state"));
      spawnedBy(child);
      return started;
    },
  };
}

async function startHub(): Promise<HelperHub> {
  return HelperHub.start(
    channelOf((child) => (hubProcess = child)),
    { openTimeoutMs: 20_000 },
  );
}

/** Sessions through a hub, and where there is none through a process each. */
function hubProvider(hub: HelperHub) {
  const create = async () => ({
    providerState: {},
    channel: {
      ...channelOf(() => (spawned += 1)),
      startReady: async (header: string) => hub.startReady(header),
    },
    async [Symbol.asyncDispose]() {},
  });
  return defineProvider<{ root: string }>({
    id: "child",
    configSchema: childSchema,
    capabilities: residentHelperCapabilities,
    defaultWorkspace: ({ root }) => root,
    environment: () => ({ PATH: process.env["PATH"] ?? "" }),
    policy: () => ({ leaseMs: 1_000 }),
    create,
    attach: create,
  });
}

async function openSessions(hub: HelperHub, count: number): Promise<RemoteRunnerSession[]> {
  const provider = hubProvider(hub);
  return Promise.all(Array.from({ length: count }, () => provider.createSession(childDestination(folder))));
}

/** The sockets that a process has open: each end has a number of its own. */
function socketsOf(pid: number | undefined): ReadonlySet<string> {
  const names = readdirSync(`/proc/${pid}/fd`).map((name) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${name}`);
    } catch {
      return "";
    }
  });
  return new Set(names.filter((name) => name.startsWith("socket:")));
}

async function untilDead(pids: readonly number[]): Promise<void> {
  await expect.poll(() => pids.filter(isAlive), { timeout: 10_000 }).toEqual([]);
}

/** The helper that serves a session: below the hub. */
async function helperOf(session: RemoteRunnerSession): Promise<number> {
  const command = await session.commands.start({ script: "sleep 600" });
  for (let pid = command.pid ?? 0; pid > 1;) {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    if (parent === hubProcess?.pid) return pid;
    pid = parent;
  }
  throw new Error("No helper was found");
}

test("Sessions through one hub share its process and nothing else", async () => {
  const hub = await startHub();
  // With the first session it becomes a hub, which needs less than a helper.
  for (const session of await openSessions(hub, 1)) await session.destroy();
  await expect.poll(() => childrenOf(hubProcess?.pid)).toEqual([]);
  const descriptors = readdirSync(`/proc/${hubProcess?.pid}/fd`).length;
  const sessions = await openSessions(hub, 5);
  expect(spawned).toBe(0);
  const helpers = childrenOf(hubProcess?.pid);
  expect(helpers.length).toBe(5);
  const ofHub = socketsOf(hubProcess?.pid);
  for (const pid of helpers) {
    // A session leader that holds none of the hub's descriptors, nor another helper's.
    expect(readFileSync(`/proc/${pid}/stat`, "utf8")).toMatch(
      new RegExp(`\\(mooring-helper\\) [RS] ${hubProcess?.pid} ${pid} ${pid} `),
    );
    expect([...socketsOf(pid)].filter((name) => ofHub.has(name))).toEqual([]);
  }
  const texts = await Promise.all(
    sessions.map(async (session, index) => {
      const { stdout, stderr, exit } = await session.commands.run({
        script: `echo ${index}; echo error >&2; exit ${index}`,
      });
      return [stdout.text(), stderr.text(), exit];
    }),
  );
  expect(texts).toEqual(sessions.map((_, index) => [`${index}\n`, "error\n", { kind: "code", code: index }]));
  await Promise.all(sessions.map((session) => session.destroy()));
  await untilDead(helpers);
  expect(childrenOf(hubProcess?.pid)).toEqual([]);
  expect(readdirSync(`/proc/${hubProcess?.pid}/fd`).length).toBe(descriptors);
  hub.close();
  await once(hubProcess as ChildProcess, "exit");
});

test("Several mebibytes pass both ways through several sessions at once", async () => {
  const hub = await startHub();
  const sessions = await openSessions(hub, 4);
  await Promise.all(
    sessions.map(async (session, index) => {
      const contents = randomBytes(3_000_000 + index);
      await session.files.write(`file-${index}`, contents);
      expect(Buffer.compare((await session.files.read(`file-${index}`)).contents, contents)).toBe(0);
      const input = contents.subarray(0, 1_000_000);
      const { stdout } = await session.commands.run({ script: "cat", stdin: input });
      expect(Buffer.compare(stdout.bytes, input)).toBe(0);
    }),
  );
  await Promise.all(sessions.map((session) => session.destroy()));
  hub.close();
});

test("A client that takes nothing for a while is sent no more than waits in the hub, and everything later", async () => {
  const hub = await startHub();
  const sessions = await openSessions(hub, 16);
  const hubBytes = () => Number(readFileSync(`/proc/${hubProcess?.pid}/statm`, "utf8").split(" ")[1]) * 4_096;
  const script = "read -r line; head -c 4000000 /dev/zero";
  const commands = await Promise.all(sessions.map((session) => session.commands.start({ script, stdin: "pipe" })));
  const before = hubBytes();
  hubProcess?.stdout?.pause();
  await Promise.all(commands.map((command) => command.write("now\n")));
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(hubBytes() - before).toBeLessThan(6_000_000);
  hubProcess?.stdout?.resume();
  for (const command of commands) {
    const { stdout, exit } = await command.result();
    expect([stdout.totalBytes, exit]).toEqual([4_000_000, { kind: "code", code: 0 }]);
  }
  await Promise.all(sessions.map((session) => session.destroy()));
  hub.close();
});

test("A helper that is killed takes its own session with it, and all of that", async () => {
  const hub = await startHub();
  const [victim, other] = await openSessions(hub, 2);
  if (victim === undefined || other === undefined) throw new Error("two sessions were expected");
  const mark = await victim.commands.start({ script: "sleep 600" });
  process.kill(await helperOf(victim), "SIGKILL");
  expect(await victim.ended).toMatchObject({ reason: "lost" });
  await untilDead([mark.pid ?? 0]);
  expect((await other.commands.run({ script: "echo on" })).stdout.text()).toBe("on\n");
  expect(childrenOf(hubProcess?.pid).length).toBe(1);
  await other.destroy();
  hub.close();
});

test("A helper that is stopped is lost by its own session alone, and holds up no other", async () => {
  const hub = await startHub();
  const [victim, other] = await openSessions(hub, 2);
  if (victim === undefined || other === undefined) throw new Error("two sessions were expected");
  const helper = await helperOf(victim);
  process.kill(helper, "SIGSTOP");
  const flood = victim.files.write("flood", Buffer.alloc(64_000_000)).catch((error: unknown) => error);
  const contents = randomBytes(2_000_000);
  await other.files.write("file", contents);
  expect(Buffer.compare((await other.files.read("file")).contents, contents)).toBe(0);
  expect(await victim.ended).toMatchObject({ reason: "lost" });
  expect(await flood).toMatchObject({ code: "disconnected" });
  // Nobody answers for it, so it is killed.
  await untilDead([helper]);
  expect((await other.commands.run({ script: "echo on" })).stdout.text()).toBe("on\n");
  await other.destroy();
  hub.close();
});

test("All sessions of a hub that is killed are told, and nothing of them is left", async () => {
  const hub = await startHub();
  const sessions = await openSessions(hub, 3);
  const commands = await Promise.all(sessions.map((session) => session.commands.start({ script: "sleep 600" })));
  const helpers = childrenOf(hubProcess?.pid);
  hubProcess?.kill("SIGKILL");
  for (const session of sessions) expect(await session.ended).toMatchObject({ reason: "lost" });
  expect((await hub.lost).code).toBe("disconnected");
  expect(hub.isLost).toBe(true);
  await untilDead([...helpers, ...commands.map(({ pid }) => pid ?? 0)]);
  // What comes next does without.
  const [session] = await openSessions(hub, 1);
  expect(spawned).toBe(1);
  await session?.destroy();
});

test("A hub that is stopped is not waited for by the sessions that come then", async () => {
  const hub = await startHub();
  hubProcess?.kill("SIGSTOP");
  const [session] = await openSessions(hub, 1);
  expect(spawned).toBe(1);
  await session?.destroy();
  hubProcess?.kill("SIGKILL");
  await hub.lost;
}, 20_000);

test("A session can be resumed through another way than the one it came by", async () => {
  const hub = await startHub();
  const provider = hubProvider(hub);
  const session = await provider.createSession(childDestination(folder));
  const command = await session.commands.start({ script: "echo kept; sleep 600", durable: true });
  const state = session.state();
  await session.detach();
  hub.close();
  await once(hubProcess as ChildProcess, "exit");
  const { session: resumed } = await provider.resumeSession(childDestination(folder), state);
  expect(spawned).toBe(1);
  expect((await resumed.commands.list()).map(({ commandId }) => commandId)).toContain(command.commandId);
  await resumed.destroy();
  await untilDead([command.pid ?? 0]);
});
