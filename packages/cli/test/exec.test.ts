import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { waitUntilGone } from "./support/processes.js";
import { program, type RunOptions, runMooring, startMooring } from "./support/run-mooring.js";
import { temporaryDirectory } from "./support/temporary-directory.js";

const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index);
const directory = temporaryDirectory();

async function exec(argv: readonly string[], options: readonly string[] = [], run: RunOptions = {}) {
  return await runMooring(["exec", `unix-local:${directory.path}`, ...options, "--", ...argv], {
    ...run,
    env: { ...directory.env, ...run.env },
  });
}

describe("mooring exec exits as the command did", () => {
  it.each([0, 1, 3, 125, 137, 255])("with %i", async (code) => {
    expect(await exec(["sh", "-c", `exit ${code}`])).toMatchObject({ code, signal: null, stderr: "" });
  });

  it.each([
    ["KILL", 137],
    ["TERM", 143],
    ["INT", 130],
    ["SEGV", 139],
  ])("with 128 + n for SIG%s", async (name, code) => {
    expect(await exec(["sh", "-c", `ulimit -c 0; kill -${name} $$`])).toMatchObject({
      code,
      signal: null,
    });
  });

  it("with 124 and a word about it at a timeout, and leaves no process", async () => {
    const script = "trap '' TERM; sleep 1000 & echo $$ $!; setsid sleep 1000 & echo $!; wait; wait; wait";
    const ended = await exec(["sh", "-c", script], ["--timeout", "600ms", "--grace", "100ms"]);
    expect(ended.code).toBe(124);
    expect(ended.stderr).toBe("mooring: The command timed out after 0.6 s; it and its descendants were ended\n");
    const pids = ended.stdout.toString().trim().split(/\s+/).map(Number);
    expect(pids).toHaveLength(3);
    await waitUntilGone(pids);
  });

  it("with 127 for a program that is not there", async () => {
    const ended = await exec(["no-such-program"]);
    expect(ended.code).toBe(127);
    expect(ended.stderr).toMatch(/^mooring: .*no-such-program/);
    expect(ended.stderr).not.toMatch(/\n\s+at /);
  });

  it("with 126 for one that cannot be executed", async () => {
    await writeFile(join(directory.path, "plain"), "text");
    await chmod(join(directory.path, "plain"), 0o644);
    const ended = await exec(["./plain"]);
    expect(ended.code).toBe(126);
    expect(ended.stderr).toMatch(/^mooring: /);
  });

  it("with 123 when nothing ran for another reason", async () => {
    const ended = await exec(["true"], ["--cwd", "no-such-directory"]);
    expect(ended.code).toBe(123);
    const outside = await exec(["true"], ["--cwd", "/etc"]);
    expect(outside.code).toBe(123);
    const gone = await runMooring(["exec", `unix-local:${directory.path}/gone`, "--", "true"]);
    expect(gone.code).toBe(123);
    expect(gone.stderr).toMatch(/^mooring: /);
  });
});

describe("mooring exec carries bytes exactly", () => {
  it("from standard input to standard output, all 256 of them", async () => {
    const stdin = Buffer.concat(Array.from({ length: 64 }, () => everyByte));
    const ended = await exec(["cat"], [], { stdin });
    expect(ended.code).toBe(0);
    expect(ended.stdout.equals(stdin)).toBe(true);
  });

  it("with standard error apart", async () => {
    const ended = await exec(["sh", "-c", "printf 'o\\001'; printf 'e\\033[0m' >&2"]);
    expect(ended).toMatchObject({ stderr: "e\u001b[0m" });
    expect(ended.stdout.toString()).toBe("o\u0001");
  });

  it("through 24 MB both ways at once", async () => {
    const stdin = Buffer.alloc(24_000_000);
    for (let at = 0; at < stdin.length; at += 4) stdin.writeUInt32LE((at * 2_654_435_761) % 2 ** 32, at);
    const ended = await exec(["cat"], [], { stdin });
    const digest = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
    expect(digest(ended.stdout)).toBe(digest(stdin));
  });

  it("in arguments, also those that are no UTF-8", async () => {
    const odd = ["-n", "--", "", "a b", "new\nline", "$HOME", "é"];
    const ended = await exec(["printf", "[%s]", ...odd]);
    expect(ended.stdout.toString()).toBe(odd.map((argument) => `[${argument}]`).join(""));
    const script = `exec "$0" "$1" exec "$2" -- printf '%s|%s' "$(printf 'a\\377b')" plain`;
    const { stdout } = await promisify(execFile)(
      "/bin/sh",
      ["-c", script, process.execPath, program, `unix-local:${directory.path}`],
      { encoding: "buffer", env: { ...process.env, ...directory.env } },
    );
    expect([...stdout]).toEqual([0x61, 0xff, 0x62, 0x7c, ...Buffer.from("plain")]);
  });

  it("and gives end of file where there is no input", async () => {
    expect((await exec(["cat"], ["--no-stdin"], { stdin: "ignored" })).stdout.length).toBe(0);
    expect((await exec(["cat"])).stdout.length).toBe(0);
  });

  it("and does not mind input that the command does not read", async () => {
    const ended = await exec(["true"], [], { stdin: Buffer.alloc(4_000_000) });
    expect(ended).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("mooring exec", () => {
  it("runs in the workspace, or in --cwd", async () => {
    await mkdir(join(directory.path, "sub"));
    expect((await exec(["pwd"])).stdout.toString()).toBe(`${directory.path}\n`);
    expect((await exec(["pwd"], ["--cwd", "sub"])).stdout.toString()).toBe(`${directory.path}/sub\n`);
  });

  it("adds variables, and keeps our own to ourselves", async () => {
    const ended = await exec(["env"], ["-e", "A=1", "--env", "B=x=y", "-e", "A=2"], {
      env: { E2B_API_KEY: "hunter2" },
    });
    const lines = ended.stdout.toString().split("\n");
    expect(lines).toContain("A=2");
    expect(lines).toContain("B=x=y");
    expect(ended.stdout.toString()).not.toContain("hunter2");
  });

  it("finds destinations by the names of a configuration", async () => {
    const config = {
      destinations: {
        here: "unix-local:.",
        spelled: { provider: "unix-local", config: { root: directory.path } },
      },
    };
    await writeFile(join(directory.path, "mooring.config.json"), JSON.stringify(config));
    for (const name of ["here", "spelled"]) {
      const ended = await runMooring(["exec", name, "--", "pwd"], {
        cwd: directory.path,
        env: directory.env,
      });
      expect(ended).toMatchObject({ code: 0, stderr: "" });
      expect(ended.stdout.toString()).toBe(`${directory.path}\n`);
    }
    const unknown = await runMooring(["exec", "there", "--", "pwd"], { cwd: directory.path });
    expect(unknown.stderr).toContain("mooring.config.json has the names here, spelled");
  });

  it.each([
    [{ destinations: { x: { provider: "moon", config: null } } }, "provider `moon`, which is not installed"],
    [{ destinations: { x: { provider: "unix-local", config: { root: 7 } } } }, "`root`"],
    [{ destinations: { x: { provider: "unix-local", config: { root: ".", apiToken: "t" } } } }, "apiToken"],
    [{ destinations: { "a:b": "unix-local:." } }, "mooring.config.json"],
    [{ destination: {} }, "destination"],
  ])("refuses the configuration %j", async (config, message) => {
    await writeFile(join(directory.path, "mooring.config.json"), JSON.stringify(config));
    const ended = await runMooring(["exec", "x", "--", "pwd"], { cwd: directory.path });
    expect(ended.code === 2 || ended.code === 123).toBe(true);
    expect(ended.stderr).toContain(message);
  });

  it("imports a module as its configuration, with providers of its own", async () => {
    await writeFile(
      join(directory.path, "mooring.config.mjs"),
      `export default { destinations: { here: "unix-local:${directory.path}" } };`,
    );
    const ended = await runMooring(["exec", "here", "--", "pwd"], { cwd: directory.path, env: directory.env });
    expect(ended.stdout.toString()).toBe(`${directory.path}\n`);
  });

  it("prints one object with --json, bytes that are no text as base64", async () => {
    const ended = await exec(["sh", "-c", "printf '\\377'; echo oops >&2; exit 3"], ["--json"]);
    expect(ended).toMatchObject({ code: 3, stderr: "" });
    expect(JSON.parse(ended.stdout.toString())).toMatchObject({
      exit: { kind: "code", code: 3 },
      reason: "exited",
      exitCode: 3,
      stdout: { text: "\ufffd", base64: "/w==", totalBytes: 1, droppedBytes: 0 },
      stderr: { text: "oops\n", totalBytes: 5 },
    });
  });

  it("leaves no background process and no record of its session", async () => {
    const ended = await exec(["sh", "-c", "sleep 1000 >/dev/null 2>&1 & echo $!"]);
    expect(ended.code).toBe(0);
    await waitUntilGone([Number(ended.stdout.toString())]);
    const records = await readdir(join(directory.env["XDG_STATE_HOME"] ?? "", "mooring")).catch(() => []);
    expect(records.filter((name) => /^[0-9a-f]{32}$/.test(name))).toEqual([]);
  });

  it("ends the command when nobody reads on, as in a local pipeline", async () => {
    const run = startMooring(["exec", `unix-local:${directory.path}`, "--", "sh", "-c", "echo $$; exec yes"], {
      stdin: "",
      env: directory.env,
    });
    const first = await new Promise<Buffer>((resolve) => run.child.stdout.once("data", resolve));
    run.child.stdout.destroy();
    expect(await run.exit).toEqual({ code: 141, signal: null });
    await waitUntilGone([Number.parseInt(first.toString(), 10)]);
  });

  it("confines with --confine only", async () => {
    const outside = join(directory.path, "..", "outside");
    await mkdir(join(directory.path, "inside"));
    const script = `echo x > '${outside}'`;
    const confined = await runMooring(
      ["exec", `unix-local:${directory.path}/inside`, "--confine", "--", "sh", "-c", script],
      { env: directory.env },
    );
    expect(confined.code).not.toBe(0);
    await expect(readFile(outside)).rejects.toThrow("ENOENT");
    expect((await exec(["sh", "-c", script])).code).toBe(0);
    expect(await readFile(outside, "utf8")).toBe("x\n");
  });

  it("runs on a terminal with --tty", async () => {
    const ended = await exec(["sh", "-c", "test -t 1 && stty size"], ["--tty"]);
    expect(ended.stdout.toString()).toBe("24 80\r\n");
  });
});
