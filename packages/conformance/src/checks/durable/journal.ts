import { createHash } from "node:crypto";
import { type RunnerCommand, RunnerError, type RunnerOutputCursor } from "@mooring/api";
import { type Check, needsAll, needsCommands, needsFiles, needsMode } from "../../check.js";
import type { CheckContext } from "../../check-context.js";
import { killDurableOwners } from "../../zoo/durable/kill-durable-owners.js";
import { resume } from "./durable.js";

const needsJournal = needsAll(
  needsCommands,
  needsMode("commands", "durable", "journal"),
  needsMode("lifecycle", "detach", "running"),
);

const lines = 400_000;
/** Some 4.7 MB: more than any handle keeps by default. */
const script = `awk 'BEGIN { for (i = 0; i < ${lines}; i++) print "line " i }'`;

/** What a journal keeps beyond what one process holds of the output, and beyond the life of owners. */
export const journalChecks: readonly Check[] = [
  {
    id: "durable.output-longer-than-what-is-held",
    title: "The next owner reads megabytes on from any cursor, and no page has a gap",
    needs: needsJournal,
    tools: ["sh", "awk"],
    deadlineMs: 60_000,
    async run(context) {
      const command = await endedAndAttached(context, {});
      const expected = allOutput();
      for (const start of [0, 1_234_567]) {
        const { bytes, digest } = await readOn(context, command, { stdout: start, stderr: 0 });
        context.equal(`bytes from ${start} on`, bytes, expected.length - start);
        context.equal("their digest", digest, digestOf(expected.subarray(start)));
      }
    },
  },
  {
    id: "durable.trimmed-cursor-tells-the-floor",
    title:
      "A cursor below what a journal still keeps is refused with `expired` and the floor, from which all is there: never a gap",
    needs: needsJournal,
    tools: ["sh", "awk"],
    deadlineMs: 60_000,
    async run(context) {
      const kept = 65_536;
      const command = await endedAndAttached(context, { maxOutputBytes: kept, times: 4 });
      const expected = allOutput(4);
      // The first pages may be there, of what the one who attached holds himself.
      const whole = await context.outcome("reading from the beginning", () =>
        readOn(context, command, { stdout: 0, stderr: 0 }),
      );
      let floor = 0;
      if ("error" in whole) {
        const { error } = whole;
        if (!RunnerError.is(error) || error.code !== "expired") {
          return context.fail("reading from the beginning: expected `expired`", error);
        }
        floor = Number(error.details?.["floorStdout"]);
        context.that("a floor in its details", floor > 0 && floor <= expected.length - kept, error.details);
      }
      // A place that has kept all of it has nothing to refuse, and still must not leave anything out.
      const { bytes, digest } =
        "value" in whole ? whole.value : await readOn(context, command, { stdout: floor, stderr: 0 });
      context.equal(`bytes from ${floor} on`, bytes, expected.length - floor);
      context.equal("their digest", digest, digestOf(expected.subarray(floor)));
    },
  },
  {
    id: "durable.output-outlives-killed-owners",
    title:
      "Owners of a durable command are killed one after the other; the last one has every byte exactly once, and the exit",
    needs: needsAll(needsJournal, needsFiles),
    needsFact: "owner",
    tools: ["sh", "sleep"],
    deadlineMs: 120_000,
    async run(context) {
      const report = await killDurableOwners(context.provider, context.facts, { kills: 4, atOnce: 1 });
      context.note("killed", report.killsByMoment);
      context.equal("bytes lost and doubled", [report.lostBytes, report.doubledBytes], [0, 0]);
      context.equal("exits unknown", report.exitsUnknown, 0);
      context.equal("whatever else was wrong", report.violations, []);
    },
  },
];

/** A durable command that wrote its lines and ended while nobody was there, as the next owner sees it. */
async function endedAndAttached(
  context: CheckContext,
  { times = 1, ...request }: { times?: number; maxOutputBytes?: number },
): Promise<RunnerCommand> {
  const first = await context.freshSession();
  const { commandId } = await first.commands.start({
    ...request,
    script: Array.from({ length: times }, () => script).join("\n"),
    durable: true,
  });
  await first.detach();
  const second = await resume(context, first);
  const command = await second.commands.attach(commandId);
  const result = await context.settles("the result", command.result(), 40_000);
  context.equal("the exit", result.exit, { kind: "code", code: 0 });
  return command;
}

async function readOn(
  context: CheckContext,
  command: RunnerCommand,
  from: RunnerOutputCursor,
): Promise<{ bytes: number; digest: string }> {
  const hash = createHash("sha256");
  let cursor = from;
  while (true) {
    const page = await context.settles("a page", command.read(cursor, { waitMs: 5_000, maxBytes: 262_144 }));
    if (page.dropped.length > 0) context.fail(`nothing dropped at ${cursor.stdout}`, page.dropped);
    for (const { stream, offset, bytes } of page.chunks) {
      if (stream === "stdout") hash.update(bytes);
      if (offset !== cursor[stream]) context.fail(`a chunk at ${cursor[stream]}`, offset);
      cursor = { ...cursor, [stream]: offset + bytes.length };
    }
    if (page.ended) return { bytes: cursor.stdout - from.stdout, digest: hash.digest("hex") };
    if (page.chunks.length === 0) context.fail("a page with bytes until it says `ended`", page);
  }
}

function allOutput(times = 1): Buffer {
  const once = Array.from({ length: lines }, (_, index) => `line ${index}\n`).join("");
  return Buffer.from(once.repeat(times));
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
