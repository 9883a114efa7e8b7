import type { RemoteRunnerSession } from "@mooring/api";
import { type Check, needsAll, needsCommands, needsMode } from "../../check.js";
import type { CheckContext } from "../../check-context.js";
import type { ToolName } from "../../support/tools.js";
import { endAfterwards, expectNoSurvivors, survivors } from "../../support/survivors.js";
import { until } from "../../support/deadline.js";

/** A way in which a process slips away from what started it. */
interface Offspring {
  readonly name: string;
  readonly what: string;
  /** A script that leaves the offspring running; `$mark` is in its arguments or environment. */
  readonly script: string;
  readonly tools: readonly ToolName[];
  /** Whether ending the process group is enough. */
  readonly inGroup: boolean;
}

const kinds: readonly Offspring[] = [
  {
    name: "child",
    what: "a plain background child",
    script: "sleep 60 &",
    tools: [],
    inGroup: true,
  },
  {
    name: "nohup-child",
    what: "a child under nohup",
    script: "nohup sleep 60 >/dev/null 2>&1 &",
    tools: ["nohup"],
    inGroup: true,
  },
  {
    name: "setsid-child",
    what: "a child in a session of its own",
    script: "setsid sleep 60 >/dev/null 2>&1 </dev/null &",
    tools: ["setsid"],
    inGroup: false,
  },
  {
    name: "daemon",
    what: "an orphaned daemon that ignores TERM and HUP",
    script: `(setsid sh -c 'trap "" TERM HUP INT; cd /; while :; do sleep 1; done' "$mark" >/dev/null 2>&1 </dev/null &)`,
    tools: ["setsid"],
    inGroup: false,
  },
  {
    name: "clean-environment",
    what: "a child with a cleared environment in a session of its own",
    script: `env -i PATH="$PATH" setsid sh -c 'trap "" HUP; while :; do sleep 1; done' "$mark" >/dev/null 2>&1 </dev/null &`,
    tools: ["setsid", "env"],
    inGroup: false,
  },
  {
    name: "pid-hopper",
    what: "a process that forks and exits all the time, each time in a new session",
    // The hops are counted, so that one that is not ended ends by itself.
    script: `cat > hop.sh <<'END'
trap '' TERM HUP
count=$((\${2:-0} + 1))
[ "$count" -gt 4000 ] || setsid sh ./hop.sh "$1" "$count" >/dev/null 2>&1 </dev/null &
END
env -i PATH="$PATH" setsid sh ./hop.sh "$mark" >/dev/null 2>&1 </dev/null &`,
    tools: ["setsid", "env", "cat"],
    inGroup: false,
  },
];

type Ending = "timeout" | "cancel" | "abort" | "close";

const endings: readonly Ending[] = ["timeout", "cancel", "abort", "close"];

export const offspringChecks: readonly Check[] = endings.flatMap((ending) =>
  kinds.map((kind) => offspringCheck(ending, kind)),
);

function offspringCheck(ending: Ending, kind: Offspring): Check {
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

async function runOffspring(context: CheckContext, ending: Ending, kind: Offspring): Promise<void> {
  const mark = context.unique();
  endAfterwards(context, mark);
  const session: RemoteRunnerSession = ending === "close" ? await context.freshSession() : context.session;
  const abort = new AbortController();
  const command = await session.commands.start(
    {
      script: `mark=${mark}\n${kind.script}\necho ready\nwhile :; do sleep 1; done`,
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
}

function titleOf(ending: Ending): string {
  return { timeout: "A timeout", cancel: "A cancel", abort: "An abort", close: "Closing the session" }[ending];
}
