import type { RemoteRunnerSession } from "@mooring/api";
import { type Check, needsAll, needsCommands, needsMode } from "../../check.js";
import type { CheckContext } from "../../check-context.js";
import { endAfterwards, expectNoSurvivors, survivors } from "../../support/survivors.js";
import { until } from "../../support/deadline.js";
import { type OffspringKind, offspringKinds } from "../../zoo/offspring-kinds.js";

type Ending = "timeout" | "cancel" | "abort" | "close";

const endings: readonly Ending[] = ["timeout", "cancel", "abort", "close"];

export const offspringChecks: readonly Check[] = endings.flatMap((ending) =>
  offspringKinds.map((kind) => offspringCheck(ending, kind)),
);

function offspringCheck(ending: Ending, kind: OffspringKind): Check {
  const modes = kind.inGroup ? ["tree", "group"] : ["tree"];
  return {
    id: `offspring.${ending}-ends-${kind.name}`,
    title: `${titleOf(ending)} ends ${kind.what}`,
    needs: needsAll(needsCommands, needsMode("commands", "kill", ...modes)),
    tools: ["sh", "sleep", "grep", ...kind.tools],
    deadlineMs: 25_000,
    run: (context) => runOffspring(context, ending, kind),
  };
}

async function runOffspring(context: CheckContext, ending: Ending, kind: OffspringKind): Promise<void> {
  const mark = context.unique();
  endAfterwards(context, mark);
  const session: RemoteRunnerSession = ending === "close" ? await context.freshSession() : context.session;
  const abort = new AbortController();
  const command = await session.commands.start(
    {
      script: `mark=${mark}\n${kind.script('"$mark"')}\necho ready\nwhile :; do sleep 1; done`,
      cwd: await context.directory(),
      env: { MOORING_MARK: mark },
      graceMs: 100,
      ...(ending === "timeout" ? { timeoutMs: 1_000 } : {}),
    },
    { signal: abort.signal },
  );
  context.afterwards(() => command.cancel({ graceMs: 0 }));
  const living = await until(
    5_000 * context.slowness,
    () => survivors(context, mark),
    (found) => found.some((line) => !line.includes(`mark=${mark}`)),
  );
  context.that("the offspring to live before the end", living.length >= 2, living.join("; "));
  if (ending === "cancel") {
    const report = await command.cancel();
    context.equal("what cancel reports", [report.cancelled, report.survivors], [true, []]);
  }
  if (ending === "abort") abort.abort(new Error("enough"));
  if (ending === "close") {
    const report = await session.close();
    context.equal("survivors that close reports", report.survivors, []);
  }
  const { reason } = await command.result();
  const reasons = { timeout: "timeout", cancel: "cancelled", abort: "cancelled", close: "closed" };
  context.equal("the reason", reason, reasons[ending]);
  await expectNoSurvivors(context, `after the ${ending}`, mark);
  if (!kind.beats) return;
  const trace = await context.shText(`wc -c <${mark}; sleep 0.5; wc -c <${mark}`);
  const [first, second] = trace.trim().split(/\s+/);
  context.equal("what it has written half a second later", second, first);
}

function titleOf(ending: Ending): string {
  return { timeout: "A timeout", cancel: "A cancel", abort: "An abort", close: "Closing the session" }[ending];
}
