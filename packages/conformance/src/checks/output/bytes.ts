import { type Check, needsAll, needsCommands, needsMode } from "../../check.js";
import { bytesOfStream, collectBytes, collectItems, everyByte, misplacedChunks } from "../../support/collect.js";

const needsBytes = needsAll(needsCommands, needsMode("commands", "output", "bytes"));

/** A printf format that writes all 256 bytes. */
const everyByteFormat = [...everyByte()].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");

export const outputByteChecks: readonly Check[] = [
  {
    id: "output.binary",
    title: "Output that is no text arrives byte for byte: ff fe 00 80, and all 256 values on both streams",
    needs: needsBytes,
    tools: ["sh"],
    async run(context) {
      const few = await context.sh(String.raw`printf '\377\376\000\200'`);
      context.bytes("printf of ff fe 00 80", few.stdout.bytes, Uint8Array.of(0xff, 0xfe, 0, 0x80));
      const all = await context.sh(`printf '${everyByteFormat}'; printf '${everyByteFormat}' >&2`);
      context.bytes("all 256 values on stdout", all.stdout.bytes, everyByte());
      if (context.capabilities.commands.stderr !== "separate") return;
      context.bytes("all 256 values on stderr", all.stderr.bytes, everyByte());
    },
  },
  {
    id: "output.stderr-is-told-apart",
    title: "Standard error is kept apart from standard output, and neither is lost",
    needs: needsAll(needsCommands, needsMode("commands", "stderr", "separate")),
    tools: ["sh"],
    async run(context) {
      const { stdout, stderr } = await context.sh("echo out; echo err >&2; echo out2; echo err2 >&2");
      context.bytes("stdout", stdout.bytes, "out\nout2\n");
      context.bytes("stderr", stderr.bytes, "err\nerr2\n");
    },
  },
  {
    id: "output.utf8-split-over-writes",
    title: "A UTF-8 character written in pieces decodes as one",
    needs: needsCommands,
    tools: ["sh", "sleep"],
    async run(context) {
      const { stdout } = await context.sh(
        String.raw`printf 'a\303'; sleep 0.2; printf '\251\360\237'; sleep 0.2; printf '\230\200z'`,
      );
      context.equal("the text", stdout.text(), "aé😀z");
      context.equal("its bytes", stdout.totalBytes, 8);
    },
  },
  {
    id: "output.invalid-utf8-is-replaced-in-text-only",
    title: "`text()` replaces what is no UTF-8 and never throws; the bytes stay as they are",
    needs: needsBytes,
    tools: ["sh"],
    async run(context) {
      const { stdout } = await context.sh(String.raw`printf 'a\377b\303'`);
      context.equal("the text", stdout.text(), "a\uFFFDb\uFFFD");
      context.bytes("the bytes", stdout.bytes, Uint8Array.of(0x61, 0xff, 0x62, 0xc3));
    },
  },
  {
    id: "output.nothing-added",
    title: "A command that writes nothing has empty output; nothing is added, trimmed or rewritten",
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      const silent = await context.sh("exit 3");
      context.bytes("stdout", silent.stdout.bytes, "");
      context.bytes("stderr", silent.stderr.bytes, "");
      const text = "\r\n  spaced\t\u001b[31mred\u001b[0m\b\n\n\n";
      const kept = await context.session.commands.run({
        program: "sh",
        args: ["-c", 'printf %s "$1"', "sh", text],
      });
      context.bytes("control characters and white space", kept.stdout.bytes, text);
    },
  },
  {
    id: "output.merged-in-order",
    title: 'With `stderr: "merge"` both streams come in exactly the order in which they were written',
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      const { stdout, stderr } = await context.sh(
        'i=0; while [ "$i" -lt 500 ]; do echo "out $i"; echo "err $i" >&2; i=$((i + 1)); done',
        { stderr: "merge" },
      );
      const expected = Array.from({ length: 500 }, (_, index) => `out ${index}\nerr ${index}\n`).join("");
      context.bytes("stdout", stdout.bytes, expected);
      context.bytes("stderr", stderr.bytes, "");
    },
  },
  {
    id: "output.views-replay-and-follow",
    title: "Views of kept output replay it whole with exact offsets, as often as they are taken, during and after",
    needs: needsCommands,
    tools: ["sh", "sleep"],
    async run(context) {
      const command = await context.session.commands.start({
        script: "echo one; echo two >&2; sleep 0.3; echo three; echo four >&2",
      });
      const during = collectItems(command.output);
      const live = await during;
      await command.result();
      const after = await collectItems(command.output);
      const separate = context.capabilities.commands.stderr === "separate";
      const expected = separate ? ["one\nthree\n", "two\nfour\n"] : ["one\ntwo\nthree\nfour\n", ""];
      for (const [asked, chunks] of [
        ["during", live],
        ["after", after],
      ] as const) {
        context.bytes(`stdout, taken ${asked}`, bytesOfStream(chunks, "stdout"), expected[0] ?? "");
        context.bytes(`stderr, taken ${asked}`, bytesOfStream(chunks, "stderr"), expected[1] ?? "");
        context.equal(`misplaced chunks, taken ${asked}`, misplacedChunks(chunks), []);
      }
      context.bytes("the stdout view", await collectBytes(command.stdout), expected[0] ?? "");
      context.bytes("the stdout view again", await collectBytes(command.stdout), expected[0] ?? "");
      context.bytes("the stderr view", await collectBytes(command.stderr), expected[1] ?? "");
    },
  },
];
