import { type Check, needsAll, needsCommands, needsMode } from "../../check.js";
import { everyByte, patternBytes, streamOf } from "../../support/collect.js";
import { within } from "../../support/deadline.js";
import { readFirst } from "../process/endings.js";

const needsStdin = needsAll(needsCommands, needsMode("commands", "stdin", "pipe"));

export const stdinChecks: readonly Check[] = [
  {
    id: "input.none-is-end-of-file",
    title: "A command that reads with no input asked for sees the end of file at once",
    needs: needsCommands,
    tools: ["sh", "cat"],
    async run(context) {
      for (const stdin of [undefined, "none"] as const) {
        const running = context.session.commands.run({
          program: "cat",
          ...(stdin === undefined ? {} : { stdin }),
          timeoutMs: 8_000,
          graceMs: 0,
        });
        const result = await context.settles("cat to settle", running, 10_000);
        const { exit, reason, stdout } = result;
        context.equal(
          `cat with stdin ${String(stdin)}`,
          [exit, reason, stdout.totalBytes],
          [{ kind: "code", code: 0 }, "exited", 0],
        );
      }
    },
  },
  {
    id: "input.contents-exact",
    title: "Given contents arrive byte for byte and then end: text, all 256 values, 1 MB, a stream, nothing",
    needs: needsStdin,
    tools: ["cat"],
    async run(context) {
      const large = patternBytes(1_000_000);
      const cases = [
        ["text", { text: "pipe\nü" }, new TextEncoder().encode("pipe\nü")],
        ["a text that reads like a mode", { text: "none" }, new TextEncoder().encode("none")],
        ["no text", { text: "" }, new Uint8Array()],
        ["every byte", everyByte(), everyByte()],
        ["1 MB", large, large],
        ["a stream", streamOf(large.subarray(0, 10), large.subarray(10, 600_000), large.subarray(600_000)), large],
      ] as const;
      for (const [asked, stdin, expected] of cases) {
        const { stdout } = await context.session.commands.run({
          program: "cat",
          stdin,
          maxOutputBytes: 2_000_000,
          timeoutMs: 15_000,
        });
        context.bytes(asked, stdout.bytes, expected);
      }
    },
  },
  {
    id: "input.pipe-is-a-dialogue",
    title: "A piped input takes writes while the command runs, and ends when it is closed",
    needs: needsStdin,
    tools: ["sh"],
    async run(context) {
      const command = await context.session.commands.start({
        script: 'echo ready; while read -r line; do echo "got $line"; done; echo end',
        stdin: "pipe",
      });
      context.afterwards(() => command.cancel({ graceMs: 0 }));
      context.equal("its greeting", await readFirst(context, command), "ready\n");
      await command.write("one\n");
      const page = await command.read({ stdout: 6, stderr: 0 }, { waitMs: 8_000 });
      context.bytes("the first answer", page.chunks[0]?.bytes ?? new Uint8Array(), "got one\n");
      await command.write(new TextEncoder().encode("tw"));
      await command.write("o\n");
      await command.closeStdin();
      await command.closeStdin();
      const result = await command.result();
      context.bytes("all of it", result.stdout.bytes, "ready\ngot one\ngot two\nend\n");
    },
  },
  {
    id: "input.write-after-end",
    title: "Writing after the end of input, or of the command, rejects `ended`",
    needs: needsStdin,
    tools: ["sh", "cat"],
    async run(context) {
      const command = await context.session.commands.start({ program: "cat", stdin: "pipe" });
      context.afterwards(() => command.cancel({ graceMs: 0 }));
      await command.closeStdin();
      await context.rejects("a write after closeStdin", () => command.write("late"), "ended");
      await command.result();
      await context.rejects("a write after the command's end", () => command.write("late"), "ended");
      await context.outcome("closeStdin after the end", () => command.closeStdin());
    },
  },
  {
    id: "input.unread-input-does-not-hang",
    title: "A command that ends without reading 8 MB of input is reported as it ended",
    needs: needsStdin,
    tools: ["sh"],
    async run(context) {
      const result = await context.settles(
        "exit 3 with 8 MB of input",
        context.session.commands.run({ script: "exit 3", stdin: patternBytes(8_000_000) }),
      );
      context.equal("its exit", [result.exit, result.reason], [{ kind: "code", code: 3 }, "exited"]);
    },
  },
  {
    id: "input.closed-by-the-command",
    title: "When the command closes its input, writing rejects `ended` sooner or later, and its exit is its own",
    needs: needsStdin,
    tools: ["sh", "sleep"],
    async run(context) {
      const command = await context.session.commands.start({ script: "exec <&-; sleep 1; exit 4", stdin: "pipe" });
      context.afterwards(() => command.cancel({ graceMs: 0 }));
      const writing = await context.outcome("writing 16 MB", async () => {
        for (let count = 0; count < 64; count += 1) await command.write(patternBytes(262_144));
      });
      if ("error" in writing) await context.rejects("the refusal", () => Promise.reject(writing.error), "ended");
      context.equal("the exit", (await command.result()).exit, { kind: "code", code: 4 });
    },
  },
  {
    id: "input.back-pressure",
    title: "`write` waits for a command that does not read, and rejects `ended` when that one ends",
    needs: needsStdin,
    tools: ["sh", "sleep"],
    async run(context) {
      const command = await context.session.commands.start({ script: "exec sleep 30", stdin: "pipe", graceMs: 0 });
      context.afterwards(() => command.cancel({ graceMs: 0 }));
      let written = 0;
      const writing = (async () => {
        for (let count = 0; count < 256; count += 1) {
          await command.write(patternBytes(262_144));
          written += 262_144;
        }
      })();
      const early = await within(
        1_500,
        writing.then(
          () => "all of it",
          () => "a rejection",
        ),
      );
      context.that("64 MB not to be taken by a command that does not read", early === "late", early);
      context.that("less than 16 MB to be under way", written < 16_000_000, written);
      await command.cancel();
      await context.rejects("the write that waited", () => writing, "ended");
    },
  },
  {
    id: "input.not-asked-for",
    title: "Writing to a command whose input was not asked for rejects",
    needs: needsStdin,
    tools: ["sleep"],
    async run(context) {
      const command = await context.session.commands.start({ program: "sleep", args: ["20"], graceMs: 0 });
      context.afterwards(() => command.cancel({ graceMs: 0 }));
      await context.rejects("write", () => command.write("x"), "ended", "invalid_request");
    },
  },
];
