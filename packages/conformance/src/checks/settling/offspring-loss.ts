import { type Check, needsAll, needsCommands, needsMode } from "../../check.js";
import type { CheckContext } from "../../check-context.js";
import { runProcessZoo } from "../../zoo/process-zoo.js";
import type { ZooEnding } from "../../zoo/zoo-ending.js";

const needsTree = needsAll(needsCommands, needsMode("commands", "kill", "tree"));

// A longer lease is waited for in no check; the process zoo by itself has no such limit.
const longestLeaseMs = 60_000;

/** Six kinds of offspring at once, against the endings that nobody asked for; neighbours in another session look on. */
export const offspringLossChecks: readonly Check[] = [
  {
    id: "loss.helper-killed-ends-offspring",
    title: "When what serves a session is killed, all that its commands have started ends, and no exit is invented",
    needs: needsTree,
    needsFact: "sever",
    tools: ["sh", "sleep", "grep"],
    deadlineMs: 60_000,
    run: (context) => expectEmptyZoo(context, "helper killed"),
  },
  {
    id: "loss.supervisor-killed-ends-offspring",
    title:
      "When the parent of a command is killed, all that it has started ends, its exit is unknown, and its neighbours live",
    needs: needsTree,
    needsFact: "kill",
    tools: ["sh", "sleep", "grep"],
    deadlineMs: 60_000,
    run: (context) => expectEmptyZoo(context, "supervisor killed"),
  },
  {
    id: "loss.owner-killed-ends-offspring",
    title: "When the process that owns a session is killed, the far side ends all that its commands have started",
    needs: needsTree,
    needsFact: "owner",
    tools: ["sh", "sleep", "grep"],
    deadlineMs: 120_000,
    run: (context) => expectEmptyZoo(context, "owner killed"),
  },
  {
    id: "loss.frozen-owner-ends-offspring",
    title:
      "When the owner of a session says nothing for its lease, the far side ends all that its commands have started",
    needs: needsTree,
    needsFact: "owner",
    tools: ["sh", "sleep", "grep"],
    deadlineMs: 120_000,
    async run(context) {
      const { leaseMs = 30_000 } = context.facts;
      if (leaseMs > longestLeaseMs) context.skip(`a lease of ${leaseMs} ms is longer than a check waits`);
      await expectEmptyZoo(context, "connection cut");
    },
  },
];

async function expectEmptyZoo(context: CheckContext, ending: ZooEnding): Promise<void> {
  const report = await runProcessZoo(context.provider, context.facts, { rounds: 1, endings: [ending] });
  for (const reason of report.skipped) context.note("left out", reason);
  context.that("commands to be ended", report.endings > 0, report.skipped.join("; "));
  for (const { kind, survivors, p99Ms } of report.cells) {
    context.equal(`survivors of ${kind}`, survivors, 0);
    context.note(`the last process of ${kind} was gone after`, `${Math.round(p99Ms)} ms`);
  }
  context.equal("neighbours that were hurt, and wrong words about ends", report.violations, []);
}
