import type { RunnerCommand } from "@mooring/api";
import { type Check, needsAll, needsCommands, needsMode } from "../../check.js";
import type { CheckContext } from "../../check-context.js";
import { endAfterwards, expectNoSurvivors } from "../../support/survivors.js";
import { startReady } from "../process/endings.js";

const needsTerminal = needsAll(needsCommands, needsMode("commands", "pty", "resize", "fixed"));

/** Reads until the output holds a text, and gives all of it. */
async function readUntil(context: CheckContext, command: RunnerCommand, text: string): Promise<string> {
  const decoder = new TextDecoder();
  let cursor = { stdout: 0, stderr: 0 };
  let seen = "";
  const end = performance.now() + 8_000 * context.slowness;
  while (!seen.includes(text)) {
    const page = await command.read(cursor, { waitMs: 500 });
    for (const chunk of page.chunks) seen += decoder.decode(chunk.bytes, { stream: true });
    cursor = page.cursor;
    if (page.ended || performance.now() > end) break;
  }
  context.that(`the terminal to show ${JSON.stringify(text)}`, seen.includes(text), seen);
  return seen;
}

export const terminalChecks: readonly Check[] = [
  {
    id: "terminal.is-one",
    title: "With `pty` all three streams are a terminal of the given size; without it none is",
    needs: needsTerminal,
    tools: ["sh", "stty"],
    async run(context) {
      const script = 'for fd in 0 1 2; do [ -t $fd ] && echo "tty $fd" || echo "no $fd"; done; stty size; exit 5';
      const result = await context.sh(script, { pty: { columns: 101, rows: 33 } });
      context.equal("what it says", result.stdout.text().replaceAll("\r\n", "\n"), "tty 0\ntty 1\ntty 2\n33 101\n");
      context.equal("exit", [result.reason, result.exit], ["exited", { kind: "code", code: 5 }]);
      context.bytes("stderr", result.stderr.bytes, "");
      const plain = await context.sh('for fd in 0 1 2; do [ -t $fd ] && echo "tty $fd" || echo "no $fd"; done');
      context.equal("without pty", plain.stdout.text(), "no 0\nno 1\nno 2\n");
    },
  },
  {
    id: "terminal.both-streams",
    title: "What a command on a terminal writes to standard error arrives as standard output",
    needs: needsTerminal,
    tools: ["sh"],
    async run(context) {
      const { stdout } = await context.sh("echo out; echo err >&2", { pty: { columns: 80, rows: 24 } });
      context.equal("stdout", stdout.text().replaceAll("\r\n", "\n"), "out\nerr\n");
    },
  },
  {
    id: "terminal.takes-keys",
    title: "Typed lines reach the command, ^D ends its input",
    needs: needsTerminal,
    tools: ["sh"],
    async run(context) {
      const command = await startReady(context, {
        script: 'echo ready; while read -r line; do echo "got <$line>"; done; echo over',
        pty: { columns: 80, rows: 24 },
        stdin: "pipe",
      });
      await command.write("hello\n");
      await readUntil(context, command, "got <hello>");
      await command.write("\u0004");
      await readUntil(context, command, "over");
      context.equal("exit", (await command.result()).exit, { kind: "code", code: 0 });
    },
  },
  {
    id: "terminal.interrupt-key",
    title: "^C interrupts the command on the terminal",
    needs: needsTerminal,
    tools: ["sh", "sleep"],
    async run(context) {
      const command = await startReady(context, {
        script: "trap 'echo interrupted; exit 8' INT; echo ready; while :; do sleep 0.1; done",
        pty: { columns: 80, rows: 24 },
        stdin: "pipe",
        graceMs: 0,
      });
      await command.write("\u0003");
      const result = await command.result();
      context.equal("exit", result.exit, { kind: "code", code: 8 });
      context.that("its word for it", result.stdout.text().includes("interrupted"), result.stdout.text());
    },
  },
  {
    id: "terminal.resize",
    title: "`resize` changes the size and tells the command so",
    needs: needsAll(needsCommands, needsMode("commands", "pty", "resize")),
    tools: ["sh", "stty", "sleep"],
    async run(context) {
      const command = await startReady(context, {
        script: "trap 'stty size' WINCH; echo ready; i=0; while [ $i -lt 100 ]; do sleep 0.1; i=$((i + 1)); done",
        pty: { columns: 80, rows: 24 },
        graceMs: 0,
      });
      await command.resize({ columns: 132, rows: 50 });
      await readUntil(context, command, "50 132");
      for (const size of [
        { columns: 0, rows: 1 },
        { columns: 80, rows: 70_000 },
        { columns: 1.5, rows: 2 },
      ]) {
        await context.rejects(`resize to ${JSON.stringify(size)}`, () => command.resize(size), "invalid_request");
      }
    },
  },
  {
    id: "terminal.large-output",
    title: "A megabyte through a terminal arrives whole",
    needs: needsTerminal,
    tools: ["sh", "stty", "awk"],
    async run(context) {
      const { stdout, exit } = await context.sh(
        `stty -opost; awk 'BEGIN { for (i = 0; i < 100000; i++) printf "%09d\\n", i }'; exit 2`,
        { pty: { columns: 80, rows: 24 }, maxOutputBytes: 4_000_000 },
      );
      const expected = Array.from({ length: 100_000 }, (_, index) => `${String(index).padStart(9, "0")}\n`).join("");
      context.bytes("the output", stdout.bytes, expected);
      context.equal("exit", exit, { kind: "code", code: 2 });
    },
  },
  {
    id: "terminal.cancel-ends-its-jobs",
    title: "Ending a command on a terminal ends its background jobs",
    needs: needsAll(needsTerminal, needsMode("commands", "kill", "tree", "group")),
    tools: ["sh", "sleep"],
    async run(context) {
      const marker = context.unique();
      endAfterwards(context, marker);
      const command = await startReady(context, {
        script: "sleep 60 & echo ready; wait",
        pty: { columns: 80, rows: 24 },
        env: { MOORING_MARK: marker },
        graceMs: 100,
      });
      await command.cancel();
      await expectNoSurvivors(context, "after the cancel", marker);
    },
  },
  {
    id: "terminal.wrong-sizes",
    title: "A terminal of no size is an invalid request, and so is resizing a command that has none",
    needs: needsTerminal,
    tools: ["sh", "sleep"],
    async run(context) {
      const { commands } = context.session;
      for (const pty of [
        { columns: 0, rows: 24 },
        { columns: 80, rows: -1 },
        { columns: 65_536, rows: 1 },
        { columns: 80.5, rows: 24 },
      ]) {
        await context.rejects(JSON.stringify(pty), () => commands.run({ script: "echo ran", pty }), "invalid_request");
      }
      const command = await startReady(context, { script: "echo ready; sleep 20", graceMs: 0 });
      await context.rejects(
        "resize with no terminal",
        () => command.resize({ columns: 80, rows: 24 }),
        "invalid_request",
      );
    },
  },
];
