import { spawn } from "node:child_process";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { requires } from "../../../test/support/requires.js";
import { program } from "./support/run-mooring.js";
import { temporaryDirectory } from "./support/temporary-directory.js";

const directory = temporaryDirectory();

/** Runs the command line on a real terminal, and does the steps. */
async function onTerminal(args: readonly string[], steps: readonly string[]) {
  const fixture = join(import.meta.dirname, "fixtures/terminal.py");
  const child = spawn("python3", [fixture, "101x31", process.execPath, program, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...directory.env, SHELL: "/bin/sh", TERM: "xterm", NO_COLOR: "" },
  });
  const exit = new Promise<number | null>((resolve) => child.once("exit", resolve));
  child.stdin.end(steps.join("\n"));
  const output = (await buffer(child.stdout)).toString();
  return { code: await exit, output };
}

describe.runIf(requires("python3"))("mooring shell", () => {
  it("is a shell on a terminal of our size, follows its changes, and exits as it did", async () => {
    const { code, output } = await onTerminal(
      ["shell", `unix-local:${directory.path}`],
      [
        "send stty size; pwd\\n",
        "wait 31 101",
        `wait ${directory.path}`,
        "resize 77x19",
        "send until stty size | grep '19 77'; do sleep 0.05; done\\n",
        "wait \\n19 77",
        "send test -t 0 && exit 42\\n",
      ],
    );
    expect(output).toContain("31 101");
    expect(output).toContain(`\n${directory.path}`);
    expect(output).toContain("19 77");
    expect(output).not.toContain("TERMINAL NOT RESTORED");
    expect(code).toBe(42);
  });

  it("hands Ctrl-C to the program over there and lives on", async () => {
    const { code, output } = await onTerminal(
      ["shell", `unix-local:${directory.path}`],
      [
        // One program says it and sleeps: it has the terminal by then, so Ctrl-C is for it.
        `send sh -c 'echo rea""dy; exec sleep 1000'\\n`,
        "wait ready",
        "send \\x03",
        "send echo still h''ere\\n",
        "wait still here",
        "eof",
      ],
    );
    expect(output).toContain("still here");
    expect(code).not.toBeNull();
    expect(code).toBeLessThan(128);
  });

  it("runs the shell that it is told to", async () => {
    const { code, output } = await onTerminal(
      ["shell", `unix-local:${directory.path}`, "--shell", "no-such-shell"],
      [],
    );
    expect(output).toContain("no-such-shell");
    expect(output).not.toContain("TERMINAL NOT RESTORED");
    expect(code).toBe(127);
  });
});

describe.runIf(requires("python3"))("mooring exec --tty", () => {
  it("takes the size of the terminal", async () => {
    const { code, output } = await onTerminal(
      ["exec", `unix-local:${directory.path}`, "--tty", "--", "stty", "size"],
      [],
    );
    expect(output).toBe("31 101\r\n");
    expect(code).toBe(0);
  });

  it("shows colours of its own on a terminal only, and none of the other side's escapes", async () => {
    const { code, output } = await onTerminal(["exec", "moon:\u001b[2J", "--", "ls"], []);
    expect(code).toBe(2);
    expect(output).toContain("mooring:");
    expect(output).toContain("\\x1b[2J");
    expect(output).not.toContain("\u001b[2J");
  });
});
