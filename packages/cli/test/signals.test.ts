import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { childrenOf, waitForLines, waitUntilGone } from "./support/processes.js";
import { runMooring, startMooring } from "./support/run-mooring.js";
import { temporaryDirectory } from "./support/temporary-directory.js";

const directory = temporaryDirectory();

function exec(options: readonly string[], script: string) {
  return startMooring(["exec", `unix-local:${directory.path}`, ...options, "--", "sh", "-c", script], {
    env: directory.env,
  });
}

describe("a signal to mooring exec", () => {
  it.each(["INT", "TERM", "HUP", "QUIT", "USR1", "USR2"])("SIG%s goes to the command", async (name) => {
    const run = exec([], `trap 'echo got ${name}; exit 7' ${name}; echo ready; while :; do sleep 0.05; done`);
    await once(run.child.stdout, "data");
    run.child.kill(`SIG${name}` as NodeJS.Signals);
    const ended = await run.ended();
    expect(ended).toMatchObject({ code: 7, signal: null });
    expect(ended.stdout.toString()).toBe(`got ${name}\n`);
  });

  it("that the command does not catch is what mooring exits with", async () => {
    const run = exec([], "echo ready; exec sleep 1000");
    await once(run.child.stdout, "data");
    run.child.kill("SIGTERM");
    expect(await run.ended()).toMatchObject({ code: 143, signal: null });
  });

  it("before the command has started starts none", async () => {
    const marker = join(directory.path, "marker");
    const run = exec([], `sleep 1; echo x > '${marker}'`);
    await once(run.child, "spawn");
    // Node takes the signal by itself while it loads; later it is ours. Either way no command is left.
    run.child.kill("SIGINT");
    const ended = await run.ended();
    expect(ended.code === 130 || ended.signal === "SIGINT").toBe(true);
    await expect(readFile(marker)).rejects.toThrow("ENOENT");
  });
});

describe("kill -9 of mooring exec", () => {
  it("leaves no process: child, setsid child and orphan included", async () => {
    const file = join(directory.path, "pids");
    const run = exec(
      [],
      `echo $$ > '${file}'; nohup sleep 1000 >/dev/null 2>&1 & echo $! >> '${file}';
       setsid sleep 1000 & echo $! >> '${file}';
       (trap '' TERM HUP; sh -c 'echo $$ >> "${file}"; exec sleep 1000' &) ; wait`,
    );
    const lines = await waitForLines(file, 4);
    run.child.kill("SIGKILL");
    await run.exit;
    await waitUntilGone(lines.map(Number));
  });
});

describe("a helper that is lost", () => {
  it("makes the command's end unknown: 125, a word about it, and no process left", async () => {
    const run = exec([], "echo $$; exec sleep 1000");
    const [line] = (await once(run.child.stdout, "data")) as [Buffer];
    const helpers = await childrenOf(run.child.pid);
    expect(helpers).toHaveLength(1);
    for (const helper of helpers) process.kill(helper, "SIGKILL");
    const ended = await run.ended();
    expect(ended.code).toBe(125);
    expect(ended.stderr).toMatch(/^mooring: What became of the command is not known \(disconnected\): /);
    await waitUntilGone([Number(line.toString())]);
  });
});

describe("a durable command", () => {
  it("runs on when mooring exec is killed, and is attached to", async () => {
    const file = join(directory.path, "pids");
    const go = join(directory.path, "go");
    const run = exec(
      ["--durable", "--id", "build"],
      `echo first; echo $$ > '${file}'; while test -e '${file}' && ! test -e '${go}'; do sleep 0.05; done; echo second; exit 5`,
    );
    const [pid] = await waitForLines(file, 1);
    const [hint] = (await once(run.child.stderr, "data")) as [Buffer];
    run.child.kill("SIGKILL");
    await run.exit;
    const sessionId = /mooring attach (\S+)/.exec(hint.toString())?.[1] ?? "";
    process.kill(Number(pid), 0);
    const attached = startMooring(["attach", sessionId], { stdin: "", env: directory.env }).ended();
    await runMooring(["exec", `unix-local:${directory.path}`, "--", "touch", "go"], {
      env: directory.env,
    });
    const ended = await attached;
    expect(ended).toMatchObject({ code: 5, stderr: "" });
    expect(ended.stdout.toString()).toBe("first\nsecond\n");
    await waitUntilGone([Number(pid)]);
  });

  it("is left at once with --detach, its output read from the beginning later", async () => {
    const started = await runMooring(
      [
        "exec",
        `unix-local:${directory.path}`,
        "--durable",
        "--detach",
        "--json",
        "--",
        "sh",
        "-c",
        "echo all of it; exit 4",
      ],
      { env: directory.env },
    );
    expect(started).toMatchObject({ code: 0, stderr: "" });
    const { sessionId } = JSON.parse(started.stdout.toString()) as { sessionId: string };
    const listed = await runMooring(["sessions", "list", `unix-local:${directory.path}`, "--json"], {
      env: directory.env,
    });
    expect(JSON.parse(listed.stdout.toString())).toMatchObject([{ sessionId }]);
    const attached = await runMooring(["attach", sessionId], { env: directory.env });
    expect(attached.code).toBe(4);
    expect(attached.stdout.toString()).toBe("all of it\n");
    const again = await runMooring(["attach", sessionId], { env: directory.env });
    expect(again.code).toBe(2);
  });
});
