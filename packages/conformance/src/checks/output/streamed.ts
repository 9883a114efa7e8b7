import { createHash } from "node:crypto";
import { type Check, needsAll, needsCommands, needsFiles } from "../../check.js";
import { decode } from "../../support/collect.js";
import { pause } from "../../support/deadline.js";

export const streamedOutputChecks: readonly Check[] = [
  {
    id: "output.stream-exact",
    title: "Streamed output arrives whole, in order, with exact offsets",
    needs: needsCommands,
    tools: ["sh", "awk"],
    async run(context) {
      const script = `awk 'BEGIN { for (i = 0; i < 300000; i++) print "line", i }'`;
      const command = await context.session.commands.start({ script, output: "stream" });
      context.afterwards(() => command.cancel({ graceMs: 0 }));
      const hash = createHash("sha256");
      let next = 0;
      for await (const { stream, offset, bytes } of command.output) {
        if (stream !== "stdout") continue;
        if (offset !== next) context.fail(`a chunk at offset ${next}`, offset);
        next += bytes.length;
        hash.update(bytes);
      }
      const expected = createHash("sha256");
      let total = 0;
      for (let index = 0; index < 300_000; index += 1) {
        const line = `line ${index}\n`;
        expected.update(line);
        total += line.length;
      }
      context.equal("bytes", next, total);
      context.equal("their hash", hash.digest("hex"), expected.digest("hex"));
      const { stdout } = await command.result();
      context.equal("what the result keeps and counts", [stdout.bytes.length, stdout.totalBytes], [0, total]);
    },
  },
  {
    id: "output.stream-back-pressure",
    title: "A reader that does not read stops its command, and no other",
    needs: needsAll(needsCommands, needsFiles),
    tools: ["sh", "head"],
    async run(context) {
      const directory = await context.directory();
      const command = await context.session.commands.start({
        script: 'i=0; while [ "$i" -lt 500 ]; do head -c 65536 /dev/zero; i=$((i + 1)); echo "$i" > progress; done',
        cwd: directory,
        output: "stream",
      });
      context.afterwards(() => command.cancel({ graceMs: 0 }));
      const progress = async () => {
        const { contents } = await context.session.files.read(`${directory}/progress`);
        return Number(decode(contents));
      };
      const reader = command.stdout.getReader();
      const first = await reader.read();
      context.that("a first chunk", first.done !== true, first);
      let last = -1;
      let stopped = 0;
      for (let look = 0; look < 100 && stopped < 5; look += 1) {
        await pause(60);
        const now = await progress().catch(() => 0);
        stopped = now === last && now > 0 ? stopped + 1 : 0;
        last = now;
      }
      context.that(
        "the writer to have stopped well before its 500 blocks of 64 KiB",
        stopped === 5 && last < 400,
        last,
      );
      const neighbour = await context.settles(
        "a neighbour to run meanwhile",
        context.session.commands.run({ script: "head -c 3000000 /dev/zero" }),
        5_000,
      );
      context.equal("the neighbour's output", neighbour.stdout.totalBytes, 3_000_000);
      let total = first.value?.length ?? 0;
      while (true) {
        const chunk = await reader.read();
        if (chunk.done) break;
        total += chunk.value.length;
      }
      context.equal("all of it, once it is read", total, 500 * 65_536);
      context.equal("the exit", (await command.result()).exit, { kind: "code", code: 0 });
    },
  },
  {
    id: "output.stream-is-taken-once",
    title: "A second view of a streamed command is an invalid request, and `read` too",
    needs: needsCommands,
    tools: ["sh", "sleep"],
    async run(context) {
      const command = await context.session.commands.start({
        script: "echo one; sleep 20",
        output: "stream",
        graceMs: 0,
      });
      context.afterwards(() => command.cancel({ graceMs: 0 }));
      void command.output;
      await context.rejects("`output` again", async () => command.output, "invalid_request");
      await context.rejects("`stdout` beside it", async () => command.stdout, "invalid_request");
      await context.rejects("`read`", () => command.read(), "invalid_request");
    },
  },
  {
    id: "output.stream-nobody-takes",
    title: "`result()` drains streamed output that nobody took, and counts it",
    needs: needsCommands,
    tools: ["sh", "head"],
    async run(context) {
      const result = await context.sh("head -c 20000000 /dev/zero; exit 6", { output: "stream" });
      context.equal("the exit", result.exit, { kind: "code", code: 6 });
      context.equal("totalBytes", result.stdout.totalBytes, 20_000_000);
    },
  },
  {
    id: "output.stream-let-go",
    title: "A view that is let go in the middle does not keep the command from ending",
    needs: needsCommands,
    tools: ["sh", "head"],
    async run(context) {
      const command = await context.session.commands.start({
        script: "head -c 20000000 /dev/zero; exit 6",
        output: "stream",
      });
      context.afterwards(() => command.cancel({ graceMs: 0 }));
      for await (const chunk of command.output) {
        if (chunk.bytes.length > 0) break;
      }
      const settled = await context.settles("the result to settle", command.result(), 8_000);
      context.equal("reason", settled.reason, "exited");
    },
  },
  {
    id: "output.unread-never-stalls",
    title: "A command whose kept output nobody reads runs to its end",
    needs: needsCommands,
    tools: ["sh", "head"],
    async run(context) {
      const command = await context.session.commands.start({ script: "head -c 30000000 /dev/zero; exit 9" });
      const settled = await context.settles("it to settle", command.result(), 12_000);
      context.equal(
        "exit and bytes",
        [settled.exit, settled.stdout.totalBytes],
        [{ kind: "code", code: 9 }, 30_000_000],
      );
    },
  },
];
