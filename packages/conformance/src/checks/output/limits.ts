import { type Check, needsCommands } from "../../check.js";
import { collectItems } from "../../support/collect.js";

const numbers = 'i=0; while [ "$i" -lt 2000 ]; do echo "line $i"; i=$((i + 1)); done';
const numbersText = Array.from({ length: 2_000 }, (_, index) => `line ${index}\n`).join("");

export const outputLimitChecks: readonly Check[] = [
  {
    id: "output.head-and-tail-exact",
    title: "Past its limit, output keeps its head and tail, counts the rest exactly, and splices nothing in",
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      const { stdout } = await context.sh(numbers, { maxOutputBytes: 1_000 });
      const { totalBytes, droppedBytes, truncated, headBytes, bytes } = stdout;
      context.equal("totalBytes", totalBytes, numbersText.length);
      context.equal("bytes kept", bytes.length, 1_000);
      context.equal("droppedBytes", droppedBytes, numbersText.length - 1_000);
      context.equal("truncated", truncated, true);
      context.equal("headBytes", headBytes, 500);
      const expected = numbersText.slice(0, headBytes) + numbersText.slice(headBytes - 1_000);
      context.bytes("head and tail", bytes, expected);
      context.equal("text", stdout.text(), expected);
    },
  },
  {
    id: "output.limit-boundary",
    title: "Output of exactly its limit is whole; one byte more drops exactly one",
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      const whole = (await context.sh("printf 0123456789", { maxOutputBytes: 10 })).stdout;
      context.equal("of 10 bytes", [whole.text(), whole.truncated, whole.droppedBytes], ["0123456789", false, 0]);
      const cut = (await context.sh("printf 0123456789x", { maxOutputBytes: 10 })).stdout;
      context.equal("of 11 bytes", [cut.truncated, cut.droppedBytes, cut.totalBytes], [true, 1, 11]);
      context.equal("what is kept of them", cut.text(), "012346789x");
    },
  },
  {
    id: "output.limit-is-per-stream",
    title: "Each stream has the whole limit: much output on one costs the other nothing",
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      if (context.capabilities.commands.stderr !== "separate") return;
      const { stdout, stderr } = await context.sh(`${numbers}; echo short >&2`, { maxOutputBytes: 100 });
      context.equal("stdout truncated", stdout.truncated, true);
      context.equal("stderr", [stderr.text(), stderr.truncated], ["short\n", false]);
    },
  },
  {
    id: "output.cut-character-left-out",
    title: "A character that the gap cuts is left out of `text()`, not turned into a wrong one",
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      const { stdout } = await context.sh('i=0; while [ "$i" -lt 400 ]; do printf "€€€"; i=$((i + 1)); done', {
        maxOutputBytes: 101,
      });
      const text = stdout.text();
      context.that("only whole characters", /^€+$/.test(text), text);
      context.equal("totalBytes", stdout.totalBytes, 3_600);
    },
  },
  {
    id: "output.read-pages",
    title: "`read` pages through kept output by a cursor: nothing twice, nothing missing, then `ended`",
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      const command = await context.session.commands.start({ script: `${numbers}; echo err >&2` });
      await command.result();
      let cursor = { stdout: 0, stderr: 0 };
      let text = "";
      for (let pages = 0; ; pages += 1) {
        context.that("fewer than 100 pages", pages < 100, pages);
        const page = await command.read(cursor, { maxBytes: 700 });
        const size = page.chunks.reduce((sum, { bytes }) => sum + bytes.length, 0);
        if (size > 700) context.fail("a page of at most 700 bytes", size);
        if (page.dropped.length > 0) context.fail("nothing dropped", page.dropped);
        for (const { stream, offset, bytes } of page.chunks) {
          if (offset !== cursor[stream]) context.fail(`a chunk at ${cursor[stream]}`, offset);
          cursor = { ...cursor, [stream]: offset + bytes.length };
          if (stream === "stdout") text += new TextDecoder().decode(bytes);
        }
        if (JSON.stringify(page.cursor) !== JSON.stringify(cursor)) {
          context.equal("the next cursor", page.cursor, cursor);
        }
        if (page.ended) break;
        if (size === 0) context.fail("a page with bytes until it says `ended`", page);
      }
      const merged = context.capabilities.commands.stderr === "separate" ? numbersText : `${numbersText}err\n`;
      context.bytes("all pages together", new TextEncoder().encode(text), merged);
      const past = await command.read(cursor);
      context.equal("a read past the end", [past.chunks.length, past.ended], [0, true]);
    },
  },
  {
    id: "output.read-waits",
    title: "`read` with `waitMs` comes back at the first byte, or empty when the time is up",
    needs: needsCommands,
    tools: ["sh", "sleep"],
    async run(context) {
      const command = await context.session.commands.start({ script: "sleep 1; echo late; sleep 20", graceMs: 0 });
      context.afterwards(() => command.cancel({ graceMs: 0 }));
      const none = await command.read(undefined, { waitMs: 100 });
      context.equal("after 100 ms", [none.chunks.length, none.ended], [0, false]);
      const started = performance.now();
      const page = await command.read(none.cursor, { waitMs: 15_000 });
      context.equal("its first byte", page.chunks.length, 1);
      const tookMs = performance.now() - started;
      context.that("it not to wait any longer", tookMs < 5_000 * context.slowness, `${Math.round(tookMs)} ms`);
    },
  },
  {
    id: "output.gaps-are-told",
    title: "What is no longer kept is told by `read` as exact ranges, and by views as a jump of the offset",
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      const command = await context.session.commands.start({ script: numbers, maxOutputBytes: 1_000 });
      await command.result();
      const total = numbersText.length;
      const chunks = await collectItems(command.output);
      const gap = { stream: "stdout", offset: 500, end: total - 500 };
      const kept = chunks.map(({ offset, bytes }) => [offset, offset + bytes.length] as const);
      context.equal("where the view begins and ends", [kept[0]?.[0], kept.at(-1)?.[1]], [0, total]);
      const jumps = kept
        .slice(1)
        .flatMap(([from], index) => (from === kept[index]?.[1] ? [] : [[kept[index]?.[1], from]]));
      context.equal("the view's jumps", jumps, [[gap.offset, gap.end]]);
      const page = await command.read({ stdout: 0, stderr: 0 }, { maxBytes: 100_000 });
      context.equal("the page's dropped ranges", page.dropped, [gap]);
      const middle = await command.read({ stdout: 700, stderr: 0 }, { maxBytes: 100_000 });
      context.equal("from the middle of the gap", middle.dropped, [{ ...gap, offset: 700 }]);
    },
  },
  {
    id: "output.400-mb-in-bounded-memory",
    title: "400 MB of output cost this process at most 160 MB of memory, and are counted to the byte",
    needs: needsCommands,
    tools: ["sh", "head"],
    deadlineMs: 60_000,
    async run(context) {
      const before = process.memoryUsage().rss;
      let peak = before;
      const timer = setInterval(() => {
        peak = Math.max(peak, process.memoryUsage().rss);
      }, 10);
      try {
        const { stdout, exit, reason } = await context.sh("head -c 400000000 /dev/zero", {
          timeoutMs: 50_000 * context.slowness,
        });
        context.equal("its end", [reason, exit], ["exited", { kind: "code", code: 0 }]);
        context.equal("totalBytes", stdout.totalBytes, 400_000_000);
        context.equal("droppedBytes", stdout.droppedBytes, 400_000_000 - 1_048_576);
      } finally {
        clearInterval(timer);
      }
      const grownBy = Math.round((peak - before) / 1_048_576);
      context.that("the memory to grow by at most 160 MiB", grownBy <= 160, `${grownBy} MiB`);
    },
  },
];
