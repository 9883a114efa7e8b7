import { mkdtemp, mkdir, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { unixLocal } from "@mooring/unix-local";
import { createOrchestrator, memoryStore, type Orchestrator, type ThreadHandle } from "../src/index.js";
import { textOf } from "./support/text-of.js";

/** A place of its own for each test: a workspace, a read root, what lies outside, and where this process stands. */
let base: string;
let orchestrator: Orchestrator;
let thread: ThreadHandle;
const inBase = (...parts: string[]) => join(base, ...parts);

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "mooring-orchestrator-")));
  for (const name of ["workspace", "library", "outside", "scratch"]) await mkdir(inBase(name));
  await writeFile(inBase("library", "words"), "alpha\n");
  await writeFile(inBase("outside", "secret"), "never\n");
  orchestrator = createOrchestrator({ providers: [unixLocal()] });
  await orchestrator.bind("t1", {
    destination: { providerId: "unix-local", config: { root: inBase("workspace") } },
    readRoots: [inBase("library")],
  });
  thread = orchestrator.thread("t1");
});

afterEach(async () => {
  await orchestrator.unbind("t1").catch(() => orchestrator.close());
  await orchestrator.close();
  await rm(base, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("A thread bound to a directory of this machine", () => {
  test("writes, edits and runs there, and nowhere else", async () => {
    await thread.call("write_file", { path: "src/a.txt", content: "one\ntwo\n" });
    await thread.call("edit_file", { path: inBase("workspace", "src", "a.txt"), oldText: "two", newText: "2" });
    expect(await readFile(inBase("workspace", "src", "a.txt"), "utf8")).toBe("one\n2\n");
    const { data } = await thread.call("exec_command", { command: "pwd; cat src/a.txt; echo made > b.txt; exit 3" });
    expect(data).toMatchObject({ exitCode: 3, stdout: { text: `${inBase("workspace")}\none\n2\n` } });
    expect(await readFile(inBase("workspace", "b.txt"), "utf8")).toBe("made\n");
    expect(await readdir(inBase("scratch"))).toEqual([]);
    expect(await readdir(inBase("outside"))).toEqual(["secret"]);
  });

  test("reads under its read root, through no link out of it, and writes neither there nor outside", async () => {
    await symlink(inBase("outside"), inBase("workspace", "link"));
    expect((await thread.call("read_file", { path: inBase("library", "words") })).content).toBe("1\talpha");
    for (const [tool, args] of [
      ["read_file", { path: "link/secret" }],
      ["write_file", { path: "link/new", content: "x" }],
      ["write_file", { path: inBase("library", "words"), content: "x" }],
      ["exec_command", { command: "true", cwd: "link" }],
      ["exec_command", { command: "true", cwd: inBase("library") }],
      ["read_file", { path: inBase("outside", "secret") }],
    ] as const) {
      expect(await thread.call(tool, args)).toMatchObject({ ok: false, error: { code: "path_escape" } });
    }
    expect(await readdir(inBase("outside"))).toEqual(["secret"]);
    expect(await readFile(inBase("library", "words"), "utf8")).toBe("alpha\n");
  });

  test("counts exactly what it leaves out of long output", async () => {
    const { content, truncated } = await thread.call("exec_command", { command: "seq 1 300000" });
    const shown = content.split("\n").filter((line) => /^\d+$/.test(line));
    expect(truncated?.lines).toBeGreaterThan(280_000);
    // The two lines that the cut went through are shown in part.
    expect(Math.abs(300_000 - shown.length - (truncated?.lines ?? 0))).toBeLessThanOrEqual(2);
    expect(shown.at(-1)).toBe("300000");
  });

  test("talks to a program on a terminal", async () => {
    const started = await thread.call("exec_command", {
      command: "read name; echo hello $name; tty",
      tty: true,
      yieldMs: 100,
    });
    const commandId = started.data?.["commandId"];
    const { data } = await thread.call("write_stdin", { commandId, text: "you\n", yieldMs: 10_000 });
    expect(JSON.stringify(data)).toContain("hello you");
    expect(JSON.stringify(data)).toContain("/dev/pts/");
  });

  test("serves from the background, and leaves no process behind when it is closed", async () => {
    const port = await freePort();
    await writeFile(
      inBase("workspace", "server.mjs"),
      "import { createServer } from 'node:http'; createServer((_, r) => r.end('served')).listen(Number(process.argv[2]), '127.0.0.1');",
    );
    const { data } = await thread.call("exec_command", {
      program: process.execPath,
      args: ["server.mjs", String(port)],
      background: true,
      yieldMs: 0,
    });
    const url = textOf(await thread.call("expose_port", { port }), "url");
    expect(await (await fetch(url)).text()).toBe("served");
    expect(await thread.call("list_files", {})).toMatchObject({ ok: true });
    const pid = Number(data?.["pid"]);
    expect(isAlive(pid)).toBe(true);
    expect(await orchestrator.close()).toMatchObject([{ threadId: "t1", report: { survivors: [], confirmed: true } }]);
    expect(isAlive(pid)).toBe(false);
  });

  test("has a dropped command's process ended within two seconds", async () => {
    const controller = new AbortController();
    const call = thread.call(
      "exec_command",
      { command: "trap '' TERM; echo $$ > pid; while :; do sleep 0.05; done" },
      { signal: controller.signal },
    );
    const pid = await untilWritten(inBase("workspace", "pid"));
    const droppedAt = performance.now();
    controller.abort();
    expect(await call).toMatchObject({ ok: false, error: { code: "cancelled" } });
    expect(performance.now() - droppedAt).toBeLessThan(2_000);
    expect(isAlive(pid)).toBe(false);
  });
});

test("Of edits of one file by two threads at once, each is applied", async () => {
  await orchestrator.bind("t2", { destination: { providerId: "unix-local", config: { root: inBase("workspace") } } });
  const words = Array.from({ length: 20 }, (_, index) => `word${index}.`);
  await writeFile(inBase("workspace", "list"), words.join("\n"));
  const edits = await Promise.all(
    words.map((word, index) =>
      orchestrator
        .thread(index % 2 === 0 ? "t1" : "t2")
        .call("edit_file", { path: "list", oldText: word, newText: word.toUpperCase() }),
    ),
  );
  expect(edits.every((edit) => edit.ok)).toBe(true);
  expect(await readFile(inBase("workspace", "list"), "utf8")).toBe(words.join("\n").toUpperCase());
  await orchestrator.unbind("t2");
});

test("A helper that is killed is told of, and the next call resumes the same session", async () => {
  await thread.call("write_file", { path: "a", content: "kept" });
  const before = (await orchestrator.get("t1"))?.sessionId;
  const { data } = await thread.call("exec_command", { command: "echo $$; exec sleep 60", background: true });
  const sleeper = Number(data?.["pid"]);
  const ancestors: number[] = [];
  for (let pid = sleeper; pid > 1 && pid !== process.pid; pid = await parentOf(pid)) ancestors.push(pid);
  process.kill(ancestors.at(-1) ?? 0, "SIGKILL");
  for await (const { type } of thread.events.tail()) if (type === "session.lost") break;
  expect((await thread.call("read_file", { path: "a" })).content).toBe("1\tkept");
  expect((await orchestrator.get("t1"))?.sessionId).toBe(before);
  const { events } = await thread.events.read();
  expect(events.filter((event) => event.type === "session.resumed")).toMatchObject([
    { data: { outcome: "reattached" } },
  ]);
  expect(isAlive(sleeper)).toBe(false);
});

test("Another orchestrator over the same store goes on where the first was cut off", async () => {
  const store = memoryStore();
  const destination = { providerId: "unix-local", config: { root: inBase("workspace") } };
  const first = createOrchestrator({ providers: [unixLocal()], store });
  await first.bind("t3", { destination });
  await first.thread("t3").call("write_file", { path: "a", content: "kept" });
  const sessionId = (await first.get("t3"))?.sessionId;
  await first.close();
  const second = createOrchestrator({ providers: [unixLocal()], store });
  expect((await second.thread("t3").call("read_file", { path: "a" })).content).toBe("1\tkept");
  expect((await second.get("t3"))?.sessionId).toBe(sessionId);
  await second.unbind("t3");
  await second.close();
});

async function parentOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

/** The number in a file, once a command has written it. */
async function untilWritten(path: string): Promise<number> {
  for (;;) {
    const text = await readFile(path, "utf8").catch(() => "");
    if (text.endsWith("\n")) return Number(text);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
