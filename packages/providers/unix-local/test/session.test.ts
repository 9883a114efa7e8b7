import { mkdir, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { unixLocal } from "../src/index.js";
import { useWorkspace } from "./workspace.js";

const workspace = useWorkspace();
const decode = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe("a session on this machine", () => {
  test("runs commands and keeps files in its root", async () => {
    const { root, open } = workspace();
    const session = await open();
    expect(session).toMatchObject({ workspace: root, platform: { os: "linux" } });
    expect(session.description).toContain(`The directory ${root} on the user's own machine`);
    await session.files.write("a.txt", "contents");
    const result = await session.commands.run({ program: "cat", args: ["a.txt"] });
    expect(result.stdout.text()).toBe("contents");
    expect(decode((await session.files.read("a.txt")).contents)).toBe("contents");
  });

  test("works in a directory of the root when it is told to", async () => {
    const { root, open } = workspace();
    await mkdir(join(root, "project"));
    const session = await open({ workspace: join(root, "project") });
    expect((await session.commands.run({ program: "pwd" })).stdout.text()).toBe(`${root}/project\n`);
  });

  test("gives commands an environment without our secrets, and with what was asked for", async () => {
    vi.stubEnv("MOORING_TEST_SECRET", "hunter2");
    vi.stubEnv("LC_TEST", "passed on");
    const { open } = workspace();
    const host = { resolveSecret: async ({ id }: { id: string }) => `resolved ${id}` };
    const session = await open(
      { env: { FROM_SESSION: "session" }, host },
      { env: { FROM_CONFIG: "config", API_TOKEN: { id: "the-token" } } },
    );
    const { stdout } = await session.commands.run({ program: "env", env: { FROM_COMMAND: "command" } });
    const names = new Map(
      stdout
        .text()
        .trim()
        .split("\n")
        .map((line) => [line.split("=")[0], line.slice(line.indexOf("=") + 1)]),
    );
    expect(Object.fromEntries(names)).toMatchObject({
      FROM_CONFIG: "config",
      FROM_SESSION: "session",
      FROM_COMMAND: "command",
      API_TOKEN: "resolved the-token",
      LC_TEST: "passed on",
      PATH: process.env["PATH"],
    });
    for (const name of ["MOORING_TEST_SECRET", "XDG_STATE_HOME", "NODE_ENV", "VITEST"])
      expect(names.has(name)).toBe(false);
    expect(JSON.stringify(session.state())).not.toContain("the-token");
  });

  test("says which confinement is in force, and none where none was wanted", async () => {
    const { open, outside } = workspace();
    const session = await open({}, { confinement: "none" });
    expect(session.capabilities.commands.confinement).toBe("none");
    const { exit } = await session.commands.run({ program: "touch", args: [join(outside, "reached")] });
    expect(exit).toEqual({ kind: "code", code: 0 });
    const confined = await open();
    const attempt = await confined.commands.run({ program: "touch", args: [join(outside, "refused")] });
    const isConfined = confined.capabilities.commands.confinement === "workspace-write";
    expect(attempt.exit).toEqual({ kind: "code", code: isConfined ? 1 : 0 });
    expect((await readdir(outside)).includes("refused")).toBe(!isConfined);
  });

  test("exposes a port where a client on this machine reaches it", async () => {
    const session = await workspace().open();
    const port = await session.ports.expose({ port: 4_321, label: "web" });
    expect(port).toMatchObject({ port: 4_321, label: "web", url: "http://127.0.0.1:4321" });
    expect(await session.ports.expose({ port: 4_321 })).toBe(port);
    expect(await session.ports.list()).toEqual([port]);
    await port.close();
    expect(await session.ports.list()).toEqual([]);
  });

  test("removes its state when it is destroyed", async () => {
    const { open, stateHome } = workspace();
    const session = await open();
    expect(await readdir(join(stateHome, "mooring"))).toHaveLength(1);
    await session.destroy();
    expect(await readdir(join(stateHome, "mooring"))).toEqual([]);
  });

  test("is taken once by its id, resumed by its state, and found and removed by its label and root", async () => {
    const { open, destination, outside } = workspace();
    const provider = unixLocal();
    const session = await open({ sessionId: "mine", labels: { thread: "t1" } });
    await expect(open({ sessionId: "mine" })).rejects.toMatchObject({ code: "already_exists" });
    const state = session.state();
    await session.close();
    const { session: again, outcome } = await provider.resumeSession(destination(), state);
    expect(outcome).toBe("reattached");
    await again.close();
    const found = [];
    for await (const info of provider.listSessions?.(destination(), { labels: { thread: "t1" } }) ?? [])
      found.push(info);
    expect(found).toMatchObject([{ sessionId: "mine", state: "idle" }]);
    expect(found[0]?.labels).toEqual({ thread: "t1" });
    const elsewhere = { ...destination(), config: { root: outside } };
    for await (const info of provider.listSessions?.(elsewhere) ?? []) expect.unreachable(info.sessionId);
    expect(await provider.reap?.(elsewhere)).toEqual({ reaped: [], kept: [] });
    expect(await provider.reap?.(destination(), { labels: { thread: "t1" } })).toEqual({ reaped: ["mine"], kept: [] });
    await expect(provider.resumeSession(destination(), state)).rejects.toMatchObject({ code: "not_found" });
    const anew = await provider.resumeSession(destination(), state, { onLost: "recreate" });
    expect(anew.outcome).toBe("recreated");
    await anew.session.destroy();
  });

  test("finds a durable command of a former owner again, with all of its output", async () => {
    const { open, destination } = workspace();
    const session = await open();
    const command = await session.commands.start({
      commandId: "long",
      script: "echo before; while [ ! -e go ]; do sleep 0.02; done; echo after",
      durable: true,
    });
    await command.read(undefined, { waitMs: 20_000 });
    const state = session.state();
    await session.detach();
    expect(await command.result()).toMatchObject({ reason: "disconnected", exit: { kind: "unknown" } });
    const { session: again } = await unixLocal().resumeSession(destination(), state, { onDispose: "destroy" });
    await using owner = again;
    const attached = await owner.commands.attach("long");
    await owner.files.write("go", "");
    const result = await attached.result();
    expect(result).toMatchObject({ reason: "exited", exit: { kind: "code", code: 0 } });
    expect(result.stdout.text()).toBe("before\nafter\n");
  });
});

describe("what cannot be opened", () => {
  test.each<[string, string, (root: string) => object]>([
    [
      "not_found",
      "Expected `root` to be a directory, got `/nonexistent-mooring`: ENOENT",
      () => ({ root: "/nonexistent-mooring" }),
    ],
    [
      "invalid_request",
      "Expected `root` to be a directory, got `/etc/passwd`, which is none",
      () => ({ root: "/etc/passwd" }),
    ],
    [
      "invalid_request",
      'Wrong `root` of config of unix-local: expected an absolute path, one that begins with /, got "relative" (string)',
      () => ({ root: "relative" }),
    ],
    ["invalid_request", "Wrong `confinement` of config of unix-local", (root) => ({ root, confinement: "some" })],
    ["invalid_request", "Wrong config of unix-local", (root) => ({ root, confinment: "none" })],
    ["invalid_request", "looks like a secret", (root) => ({ root, env: { API_TOKEN: "hunter2" } })],
  ])("is %s: %s", async (code, message, configure) => {
    const { root, stateHome, destination } = workspace();
    const provider = unixLocal();
    const wrong = { ...destination(), config: configure(root) as { root: string } };
    for (const attempt of [() => provider.validateDestination(wrong), () => provider.createSession(wrong)]) {
      const error: unknown = await attempt().catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code, message: expect.stringContaining(message) as string });
      expect(JSON.stringify(error)).not.toContain("hunter2");
    }
    expect(await readdir(stateHome)).toEqual([]);
  });

  test("is a workspace outside of the root, however it is reached", async () => {
    const { root, outside, open } = workspace();
    await symlink(outside, join(root, "link"));
    for (const wrong of [outside, join(root, ".."), `${root}-evil`, join(root, "link")]) {
      await expect(open({ workspace: wrong })).rejects.toMatchObject({ code: "path_escape" });
    }
    expect(await readdir(outside)).toEqual([]);
  });

  test("is a location that names no directory; others are read from here", () => {
    const provider = unixLocal();
    expect(provider.parseLocation?.("unix-local:/srv/app")).toMatchObject({
      id: "unix-local:/srv/app",
      config: { root: "/srv/app" },
    });
    expect(provider.parseLocation?.("unix-local:.")?.config.root).toBe(process.cwd());
    expect(provider.parseLocation?.("ssh://host/srv")).toBeUndefined();
    expect(() => provider.parseLocation?.("unix-local:")).toThrowError(
      /Expected `location` to be unix-local:<directory>/,
    );
  });
});
