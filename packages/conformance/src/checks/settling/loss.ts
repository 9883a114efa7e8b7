import type { RemoteRunnerSession } from "@mooring/api";
import { type Check, needsAll, needsCommands, needsFiles, needsMode } from "../../check.js";
import type { CheckContext } from "../../check-context.js";
import { collectItems } from "../../support/collect.js";
import { until } from "../../support/deadline.js";
import { endAfterwards, survivors } from "../../support/survivors.js";
import { readFirst } from "../process/endings.js";

async function sever(context: CheckContext, session: RemoteRunnerSession): Promise<void> {
  await context.facts.sever?.(session);
  const ended = await context.settles("`ended` after the loss", session.ended, 40_000);
  context.equal("its reason", ended.reason, "lost");
  context.that("its error", ended.error !== undefined, ended);
}

export const lossChecks: readonly Check[] = [
  {
    id: "loss.exit-is-not-invented",
    title: "A command whose connection is lost ends as `disconnected` with an unknown exit and its output so far",
    needs: needsCommands,
    needsFact: "sever",
    tools: ["sh", "sleep"],
    deadlineMs: 60_000,
    async run(context) {
      const session = await context.freshSession();
      const command = await session.commands.start({ script: "echo ready; sleep 60" });
      await readFirst(context, command);
      await sever(context, session);
      const result = await context.settles("the result", command.result());
      context.equal("reason and exit", [result.reason, result.exit.kind], ["disconnected", "unknown"]);
      context.bytes("the output so far", result.stdout.bytes, "ready\n");
    },
  },
  {
    id: "loss.calls-settle",
    title: "Calls under way when the connection is lost settle; later ones reject `ended` or `disconnected`",
    needs: needsAll(needsCommands, needsFiles),
    needsFact: "sever",
    tools: ["sh", "sleep"],
    deadlineMs: 60_000,
    async run(context) {
      const session = await context.freshSession();
      const command = await session.commands.start({ script: "sleep 60" });
      const pending = {
        "a waiting read": command.read(undefined, { waitMs: 600_000 }),
        "a view": collectItems(command.output),
        "a run": session.commands.run({ script: "sleep 60" }),
        "a streamed write": session.files.write(context.unique(), new ReadableStream<Uint8Array>()),
      };
      const outcomes = Object.entries(pending).map(
        async ([asked, call]) => [asked, await context.outcome<unknown>(asked, () => call, 45_000)] as const,
      );
      await sever(context, session);
      for (const [asked, outcome] of await Promise.all(outcomes)) {
        context.note(asked, "error" in outcome ? outcome.error : "resolved");
      }
      const later = {
        "a later run": () => session.commands.run({ script: "echo ran" }),
        "a later read": () => session.files.read("any"),
        "a later list": () => collectItems(session.files.list(".")),
      };
      for (const [asked, call] of Object.entries(later)) {
        await context.rejects(asked, call, "ended", "disconnected");
      }
      await context.outcome("a later close", () => session.close());
    },
  },
  {
    id: "loss.leaves-no-process",
    title: "When the connection is lost, no plain command's process is left, whatever kind it is",
    needs: needsAll(needsCommands, needsMode("commands", "kill", "tree")),
    needsFact: "sever",
    tools: ["sh", "sleep", "setsid", "grep"],
    deadlineMs: 60_000,
    async run(context) {
      const marker = context.unique();
      endAfterwards(context, marker);
      const session = await context.freshSession();
      const command = await session.commands.start({
        script: "trap '' HUP TERM; setsid sleep 90 & nohup sleep 90 & echo ready; wait",
        env: { MOORING_MARK: marker },
        graceMs: 100,
      });
      await readFirst(context, command);
      await sever(context, session);
      const left = await until(
        40_000 * context.slowness,
        () => survivors(context, marker),
        (found) => found.length === 0,
      );
      context.equal("processes left", left, []);
    },
  },
];
