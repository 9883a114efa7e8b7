import { Buffer } from "node:buffer";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { type RunnerCommand, RunnerError } from "@mooring/api";
import { describe, expect, it } from "vitest";
import { openTestPlace, testShells } from "../support/test-shells.js";
import { isAlive } from "../support/processes.js";

const everyByte = Uint8Array.from({ length: 255 }, (_, index) => index + 1);

/** Prints its arguments, each followed by a NUL byte. */
const printer = 'for argument do printf "%s\\0" "$argument"; done';

/** Resolves with what the command has written once it holds so many lines. */
async function firstLines(command: RunnerCommand, lines: number): Promise<string[]> {
  let text = "";
  for await (const chunk of command.stdout) {
    text += Buffer.from(chunk).toString();
    if (text.split("\n").length > lines) break;
  }
  return text.split("\n").slice(0, lines);
}

async function untilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await delay(5);
}

describe.each(testShells)("commands over $name", (shell) => {
  it("say what a command said and how it ended", async () => {
    await using place = await openTestPlace(shell);
    const result = await place.far.commands.run({ script: "echo out; echo err >&2; exit 7" });
    expect(result.exit).toEqual({ kind: "code", code: 7 });
    expect(result.reason).toBe("exited");
    expect(result.stdout.text()).toBe("out\n");
    expect(result.stderr.text()).toBe("err\n");
    const merged = await place.far.commands.run({ script: "echo a; echo b >&2; echo c", stderr: "merge" });
    expect([merged.stdout.text(), merged.stderr.text()]).toEqual(["a\nb\nc\n", ""]);
  });

  it("hand over every argument byte for byte", async () => {
    await using place = await openTestPlace(shell);
    const args = ["", "-n", "--", "a b", "$HOME `id` \\ * ' \"", "two\nlines\n", everyByte, "x".repeat(100_000), "ünï"];
    const result = await place.far.commands.run({
      program: "sh",
      args: ["-c", printer, "sh", ...args],
      maxOutputBytes: 1_000_000,
    });
    const expected = Buffer.concat(args.flatMap((argument) => [Buffer.from(argument), Buffer.from([0])]));
    expect(result.stderr.text()).toBe("");
    expect(Buffer.from(result.stdout.bytes).equals(expected)).toBe(true);
  });

  it("start a program whose name begins with a dash or holds a line break", async () => {
    await using place = await openTestPlace(shell);
    await writeFile(`${place.root}/-dash`, "#!/bin/sh\necho dash\n", { mode: 0o755 });
    await writeFile(`${place.root}/two\nlines`, "#!/bin/sh\necho lines\n", { mode: 0o755 });
    const env = { PATH: place.root };
    expect((await place.far.commands.run({ program: "-dash", env })).stdout.text()).toBe("dash\n");
    expect((await place.far.commands.run({ program: "./two\nlines" })).stdout.text()).toBe("lines\n");
  });

  it("give exactly the environment that was asked for", async () => {
    await using place = await openTestPlace(shell);
    const env = {
      SPACES: " a  b ",
      LINES: "one\ntwo\n",
      QUOTE: "it's",
      LC_ALL: "xx_YY.UTF-8",
      IFS: "x",
      EMPTY: "",
      SHLVL: "7",
      UID: "9",
      OPTIND: "no number",
      nonce: "n",
      line: "l",
      PWD: "/nowhere",
      LONG: "y".repeat(20_000),
    };
    const result = await place.far.commands.run({ program: "env", args: ["-0"], env });
    const variables = result.stdout
      .text()
      .split("\0")
      .filter((text) => text !== "")
      .toSorted();
    const search = variables.find((text) => text.startsWith("PATH="));
    expect(result.stderr.text()).toBe("");
    expect(variables).toEqual(
      [...Object.entries(env).map(([name, value]) => `${name}=${value}`), search ?? ""].toSorted(),
    );
    const bare = await place.far.commands.run({ program: "env", args: ["-0"] });
    expect(bare.stdout.text()).toBe(`${search}\0`);
  });

  it("have no descriptor open that was not given to them", async () => {
    await using place = await openTestPlace(shell, { extraDescriptors: [3, 7, 12] });
    const result = await place.far.commands.run({ program: "ls", args: ["/proc/self/fd"] });
    const open = result.stdout.text().trim().split("\n");
    // dash has no words for descriptors past 9; one more is the directory that `ls` reads.
    expect(open).not.toContain("7");
    expect(open.includes("12")).toBe(shell.name === "dash");
  });

  it("refuse a variable that no shell can name, and start nothing", async () => {
    await using place = await openTestPlace(shell);
    const refused = place.far.commands.run({ program: "touch", args: ["made"], env: { "with.dot": "secret" } });
    await expect(refused).rejects.toMatchObject({ code: "unsupported", phase: "before_start" });
    await expect(refused).rejects.not.toThrow(/secret/);
    expect(readdirSync(place.root)).toEqual([]);
  });

  it("show no value of the environment or of standard input in any argument list", async () => {
    await using place = await openTestPlace(shell);
    const secret = "secret-that-nobody-may-see";
    const seen: string[] = [];
    let looking = true;
    const look = async () => {
      while (looking) {
        for (const entry of readdirSync("/proc")) {
          if (!/^\d+$/.test(entry)) continue;
          try {
            const line = readFileSync(`/proc/${entry}/cmdline`, "latin1");
            if (line.includes(secret)) seen.push(line);
          } catch {
            // It has ended meanwhile.
          }
        }
        await new Promise(setImmediate);
      }
    };
    const watching = look();
    await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        place.far.commands
          .run({
            script: 'test "$TOKEN" = secret-that-nobody-"may-see" && cat >/dev/null',
            env: { TOKEN: secret, LONG: index % 2 === 0 ? "z" : secret.repeat(400) },
            stdin: { text: secret },
          })
          .then((result) => expect(result.exit).toEqual({ kind: "code", code: 0 })),
      ),
    );
    looking = false;
    await watching;
    expect(seen).toEqual([]);
  });

  it("tell a program that is missing, is no program, or is nowhere on the command's own PATH", async () => {
    await using place = await openTestPlace(shell);
    await writeFile(`${place.root}/plain`, "text");
    await mkdir(`${place.root}/directory`);
    const { commands } = place.far;
    await expect(commands.start({ program: "no-such-program" })).rejects.toMatchObject({
      code: "not_found",
      phase: "before_start",
    });
    await expect(commands.start({ program: "./no-such" })).rejects.toMatchObject({ code: "not_found" });
    await expect(commands.start({ program: "./plain" })).rejects.toMatchObject({ code: "permission_denied" });
    await expect(commands.start({ program: "./directory" })).rejects.toMatchObject({ code: "permission_denied" });
    await expect(commands.start({ program: "sh", env: { PATH: "/nowhere" } })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("run where they were told to, and nowhere outside", async () => {
    await using place = await openTestPlace(shell);
    await mkdir(`${place.root}/deep/er`, { recursive: true });
    await symlink(place.outside, `${place.root}/out`);
    await symlink("deep", `${place.root}/in`);
    const { commands } = place.far;
    const where = async (cwd: string) => (await commands.run({ program: "pwd", cwd })).stdout.text().trimEnd();
    expect(await where("deep/er")).toBe(`${place.root}/deep/er`);
    expect(await where("in/er")).toBe(`${place.root}/deep/er`);
    expect(await where(`${place.root}/deep/..`)).toBe(place.root);
    for (const cwd of ["..", "/", "out", "in/../..", place.outside]) {
      await expect(commands.run({ program: "pwd", cwd })).rejects.toMatchObject({ code: "path_escape" });
    }
    await expect(commands.run({ program: "pwd", cwd: "missing" })).rejects.toMatchObject({ code: "not_found" });
  });

  it("tell a death by a signal from every exit code", async () => {
    await using place = await openTestPlace(shell);
    expect(place.capabilities.commands.exitSignal).toBe("exact");
    const killed = await place.far.commands.run({ script: "kill -9 $$" });
    expect(killed.exit).toEqual({ kind: "signal", signal: "SIGKILL" });
    const exited = await place.far.commands.run({ script: "exit 137" });
    expect(exited.exit).toEqual({ kind: "code", code: 137 });
  });

  it("pass on binary input and output unchanged, and close input when there is none", async () => {
    await using place = await openTestPlace(shell);
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 31) % 256);
    const echoed = await place.far.commands.run({ program: "cat", stdin: bytes, maxOutputBytes: 1_000_000 });
    expect(Buffer.from(echoed.stdout.bytes).equals(Buffer.from(bytes))).toBe(true);
    const nothing = await place.far.commands.run({ program: "cat" });
    expect(nothing.stdout.totalBytes).toBe(0);
    const piped = await place.far.commands.start({ program: "cat", stdin: "pipe" });
    await piped.write("one\n");
    expect(await firstLines(piped, 1)).toEqual(["one"]);
    await piped.write("two\n");
    await piped.closeStdin();
    expect((await piped.result()).stdout.text()).toBe("one\ntwo\n");
  });

  it("stop when a reader stops, and deliver all that was written once it goes on", async () => {
    await using place = await openTestPlace(shell);
    const command = await place.far.commands.start({
      script: "head -c 8000000 /dev/zero; echo end >&2",
      output: "stream",
    });
    const reader = command.stdout.getReader();
    let bytes = (await reader.read()).value?.length ?? 0;
    await delay(50);
    expect(await place.far.commands.list()).toMatchObject([{ state: "running" }]);
    for (let read = await reader.read(); !read.done; read = await reader.read()) bytes += read.value.length;
    expect(bytes).toBe(8_000_000);
    expect((await command.result()).exit).toEqual({ kind: "code", code: 0 });
  });

  it("wait only shortly for a child that holds the pipes, and list it until it is cancelled", async () => {
    await using place = await openTestPlace(shell);
    const begin = performance.now();
    const result = await place.far.commands.run({ commandId: "parent", script: "sleep 60 & echo $!" });
    expect(performance.now() - begin).toBeLessThan(1_500);
    const pid = Number(result.stdout.text());
    expect(isAlive(pid)).toBe(true);
    expect(await place.far.commands.list()).toMatchObject([
      { commandId: "parent", state: "background", processes: [pid] },
    ]);
    expect(await place.far.commands.cancel("parent")).toEqual({ cancelled: true, survivors: [], confirmed: false });
    expect(isAlive(pid)).toBe(false);
    expect(await place.far.commands.list()).toMatchObject([{ state: "ended", processes: [] }]);
    expect(await place.far.commands.cancel("parent")).toMatchObject({ cancelled: false });
  });

  it("end the whole group on cancel, also what ignores TERM", async () => {
    await using place = await openTestPlace(shell);
    const command = await place.far.commands.start({
      script: `trap "" TERM; (trap "" TERM; while :; do sleep 1; done) & echo $!; while :; do sleep 1; done`,
    });
    const [child = ""] = await firstLines(command, 1);
    const report = await command.cancel({ graceMs: 100 });
    expect(report).toEqual({ cancelled: true, survivors: [], confirmed: false });
    const result = await command.result();
    expect(result.reason).toBe("cancelled");
    expect(result.exit).toEqual({ kind: "signal", signal: "SIGKILL" });
    expect(isAlive(Number(child))).toBe(false);
  });

  it("let a command use its grace to end by itself", async () => {
    await using place = await openTestPlace(shell);
    const command = await place.far.commands.start({
      script: `trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.01; done`,
    });
    await firstLines(command, 1);
    await command.cancel();
    const result = await command.result();
    expect(result.stdout.text()).toBe("ready\nbye\n");
    expect(result.exit).toEqual({ kind: "code", code: 3 });
  });

  it("end by their timeout, with what they had written", async () => {
    await using place = await openTestPlace(shell);
    const result = await place.far.commands.run({ script: "echo begun; sleep 60", timeoutMs: 200 });
    expect(result).toMatchObject({ reason: "timeout", exit: { kind: "signal", signal: "SIGTERM" } });
    expect(result.stdout.text()).toBe("begun\n");
    expect(result.durationMs).toBeLessThan(3_000);
  });

  it("start nothing under a signal that was aborted, and end under one that is", async () => {
    await using place = await openTestPlace(shell);
    const reason = new Error("enough");
    const { commands } = place.far;
    await expect(
      commands.run({ program: "touch", args: ["made"] }, { signal: AbortSignal.abort(reason) }),
    ).rejects.toMatchObject({ code: "cancelled", cause: reason, phase: "before_start" });
    expect(readdirSync(place.root)).toEqual([]);
    const controller = new AbortController();
    const command = await commands.start({ script: "echo begun; sleep 60" }, { signal: controller.signal });
    await firstLines(command, 1);
    controller.abort();
    expect((await command.result()).reason).toBe("cancelled");
  });

  it("take signals while they run, and refuse them afterwards", async () => {
    await using place = await openTestPlace(shell);
    const command = await place.far.commands.start({
      script: `trap 'echo usr1; exit 5' USR1; echo ready; while :; do sleep 0.01; done`,
    });
    await firstLines(command, 1);
    await command.signal("SIGUSR1");
    expect((await command.result()).exit).toEqual({ kind: "code", code: 5 });
    await expect(command.signal("SIGTERM")).rejects.toMatchObject({ code: "ended" });
  });

  it("know each other by id, once", async () => {
    await using place = await openTestPlace(shell);
    const { commands } = place.far;
    const command = await commands.start({ commandId: "one", program: "true" });
    await command.result();
    await expect(commands.start({ commandId: "one", program: "true" })).rejects.toMatchObject({
      code: "already_exists",
    });
    expect(await commands.attach("one")).toBe(command);
    await expect(commands.attach("two")).rejects.toMatchObject({ code: "not_found" });
    expect(await commands.cancel("two")).toMatchObject({ cancelled: false, survivors: [] });
  });

  it("refuse what the capabilities do not claim", async () => {
    await using place = await openTestPlace(shell);
    const { commands } = place.far;
    await expect(commands.start({ program: "true", pty: { columns: 80, rows: 24 } })).rejects.toMatchObject({
      code: "unsupported",
    });
    await expect(commands.start({ program: "true", durable: true })).rejects.toMatchObject({ code: "unsupported" });
    await expect(commands.start({ program: "true", user: "nobody" })).rejects.toMatchObject({ code: "unsupported" });
  });

  it("all end when the session does, those in the background too", async () => {
    await using place = await openTestPlace(shell);
    const running = await place.far.commands.start({ script: "echo $$; exec sleep 60" });
    const left = await place.far.commands.run({ script: "sleep 60 >/dev/null 2>&1 & echo $!" });
    const [pid = ""] = await firstLines(running, 1);
    const report = await place.far.end("close");
    expect(report).toEqual({ commandsEnded: 2, survivors: [], confirmed: false });
    expect((await running.result()).reason).toBe("closed");
    expect([Number(pid), Number(left.stdout.text())].filter(isAlive)).toEqual([]);
  });

  it("die with our side: when the control shell's input ends, the groups are killed", async () => {
    await using place = await openTestPlace(shell);
    const running = await place.far.commands.start({ script: `trap "" TERM HUP; sleep 60 & echo $!; wait` });
    const left = await place.far.commands.run({ script: "sleep 60 >/dev/null 2>&1 & echo $!" });
    const [child = ""] = await firstLines(running, 1);
    // What the kernel does to every pipe of ours when we are killed.
    for (const { stdin } of place.processes) stdin.destroy();
    await Promise.all([Number(child), Number(left.stdout.text()), running.pid ?? 0].map(untilGone));
  });

  it("are swept, and the session told lost, when the control shell is killed", async () => {
    await using place = await openTestPlace(shell);
    const running = await place.far.commands.start({ script: "echo $$; exec sleep 60" });
    const [pid = ""] = await firstLines(running, 1);
    for (const started of place.processes) {
      // Every process but the command's own is done or is the control shell.
      if (started.stdin.writableEnded) continue;
      started.kill();
    }
    expect((await place.far.lost).code).toBe("disconnected");
    expect((await running.result()).reason).toBe("disconnected");
    await untilGone(Number(pid));
  });
});

describe("a shell's session", () => {
  const [shell] = testShells;
  it.runIf(shell !== undefined)("is refused where commands must be confined", async () => {
    if (shell === undefined) return;
    const refused = openTestPlace(shell, { confinement: "workspace-write", confinementRequired: true });
    await expect(refused).rejects.toSatisfy((error) => RunnerError.is(error) && error.code === "unsupported");
  });
});
