import { type Check, needsAll, needsCommands, needsFiles, needsMode } from "../../check.js";
import { decode } from "../../support/collect.js";
import { endAfterwards, expectNoSurvivors } from "../../support/survivors.js";
import { answersWithin, startReadyIn } from "./support.js";

/** What a terminal, a log or a model could take for something else. */
const escapes = [
  "\u001b]0;title\u0007",
  "\u001b]52;c;aGk=\u0007",
  "\u001b[2J\u001b[1;1H",
  "\u001bP+q544e\u001b\\",
  "\u009b31m",
  "\u202erevo\u202c",
  "\u2066x\u2069",
  "\u{e0041}\u{e007f}",
  "\r\n\u0008\u007f\u0000\u0004",
].join("|");

/** What a protocol over pipes could take for its own. */
const lookalikes = Buffer.concat([
  Buffer.from("MOORING/1 0123456789abcdef0123456789abcdef\n\u0000\u0000\u0000\u0005\u0082\u0000\u0000\u0000\u0001"),
  Buffer.from("\n__EXIT__0\nexit 0\nEXIT:0\n---\n\u0004\u0000\u0000\u0000\u0000AAAABQ==\n", "latin1"),
  Buffer.from(
    '{"type":"exit","code":0}\n{"id":1,"result":{"exit":0}}\n\u0001\u0000\u0000\u0000\u0000\u0000\u0000\u0004',
  ),
  Buffer.from([0xff, 0xff, 0xff, 0xff, 0x85, 0, 0, 0, 1, 1, 0, 0, 0, 5, 0x81, 0, 0, 0, 2]),
]);

/** What a command can do with its output. */
export const outputChecks: readonly Check[] = [
  {
    id: "hostile.escapes-are-data",
    title: "Terminal escapes, bidi and control characters in output are bytes like any others, on both streams",
    needs: needsAll(needsCommands, needsMode("commands", "output", "bytes"), needsFiles),
    tools: ["sh", "cat"],
    async run(context) {
      await context.session.files.write(`${await context.directory()}/escapes`, escapes);
      const result = await context.sh("cat escapes; cat escapes >&2");
      context.bytes("standard output", result.stdout.bytes, escapes);
      context.bytes("the other stream", Buffer.concat([result.stderr.bytes]), escapes);
      context.equal("as text", result.stdout.text(), escapes);
    },
  },
  {
    id: "hostile.output-like-frames",
    title:
      "Output that looks like a protocol's own frames, or repeats what the command sees of its parents, stays output",
    needs: needsAll(needsCommands, needsMode("commands", "output", "bytes"), needsFiles),
    tools: ["sh", "cat"],
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      await files.write(`${directory}/lookalikes`, lookalikes);
      // A secret of the protocol that a command can see is one that it can say.
      const result = await context.sh(`
at=$PPID
: > seen
for step in 1 2 3; do
  [ "$at" -gt 1 ] || break
  cat "/proc/$at/cmdline" "/proc/$at/environ" >> seen 2>/dev/null
  at=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$at/status" 2>/dev/null)
  [ -n "$at" ] || break
done
head -c 400000 seen > part; cat part >> lookalikes
cat lookalikes; cat lookalikes >&2; cat lookalikes; exit 5`);
      const said = (await files.read(`${directory}/lookalikes`)).contents;
      context.that("something to be said", said.length >= lookalikes.length, said.length);
      const secret = "the bytes, which may hold what its parents know";
      const same = (bytes: Uint8Array, wanted: Uint8Array) => Buffer.compare(bytes, wanted) === 0;
      context.that(`standard output to be ${secret}`, same(result.stdout.bytes, Buffer.concat([said, said])), "other");
      context.that(`standard error to be ${secret}`, same(result.stderr.bytes, said), "other bytes");
      context.equal("the exit", result.exit, { kind: "code", code: 5 });
    },
  },
  {
    id: "hostile.tiny-writes",
    title: "A hundred thousand writes of one byte arrive exactly, and the session answers others meanwhile",
    needs: needsAll(needsCommands, needsFiles),
    tools: ["sh", "dd"],
    async run(context) {
      const count = 100_000;
      const command = await startReadyIn(context, context.session, {
        script: `echo ready; exec dd if=/dev/zero bs=1 count=${count} 2>/dev/null`,
      });
      await answersWithin(context, 2_000, 10, () => context.session.files.stat("."));
      const result = await context.settles("the result", command.result(), 15_000);
      context.equal("bytes", result.stdout.totalBytes, count + "ready\n".length);
      context.equal("the exit", result.exit, { kind: "code", code: 0 });
    },
  },
  {
    id: "hostile.flood-after-the-end",
    title:
      "A child that floods the output after its parent has ended holds up no result and no neighbour, and is ended",
    needs: needsAll(needsCommands, needsMode("commands", "kill", "tree")),
    tools: ["sh", "grep"],
    async run(context) {
      const marker = context.unique();
      endAfterwards(context, marker);
      const command = await context.session.commands.start({
        script: "(while :; do echo flood; echo flood >&2; done) & exit 3",
        env: { MOORING_MARK: marker },
        graceMs: 0,
      });
      const result = await context.settles("the result", command.result(), 5_000);
      context.equal("the exit", result.exit, { kind: "code", code: 3 });
      await answersWithin(context, 2_000, 5, () => context.session.commands.run({ script: ":" }));
      const report = await context.settles("ending it", context.session.commands.cancel(command.commandId));
      context.equal("survivors", report.survivors, []);
      await expectNoSurvivors(context, "the one that flooded", marker);
    },
  },
  {
    id: "hostile.many-processes",
    title: "A command with 200 processes and no descriptors left harms no neighbour, and all of it is ended at once",
    needs: needsAll(needsCommands, needsMode("commands", "kill", "tree")),
    tools: ["sh", "sleep", "grep"],
    deadlineMs: 30_000,
    async run(context) {
      const marker = context.unique();
      endAfterwards(context, marker);
      const command = await startReadyIn(context, context.session, {
        script: `ulimit -n 16
count=0; while [ $count -lt 200 ]; do sleep 60 & count=$((count + 1)); done
exec 3>&1 4>&1 5>&1 6>&1 7>&1 8>&1 9>&1
echo ready; wait`,
        env: { MOORING_MARK: marker },
        graceMs: 0,
      });
      await answersWithin(context, 2_000, 5, async () => {
        const { stdout } = await context.session.commands.run({ script: "echo alive" });
        context.equal("a neighbour's output", decode(stdout.bytes), "alive\n");
      });
      const report = await context.settles("a cancel", command.cancel());
      context.equal("survivors", report.survivors, []);
      await expectNoSurvivors(context, "the many", marker);
    },
  },
];
