import { RunnerError } from "@mooring/api";
import { type Check, needsAll, needsCommands, needsMode } from "../../check.js";
import { endAfterwards, expectNoSurvivors } from "../../support/survivors.js";

export const startChecks: readonly Check[] = [
  {
    id: "process.signals-start-as-usual",
    title: "A command starts with no signal blocked or ignored: what serves it does not show through",
    needs: needsCommands,
    tools: ["sh", "grep"],
    async run(context) {
      const { stdout } = await context.session.commands.run({
        program: "grep",
        args: ["-E", "^Sig(Blk|Ign):", "/proc/self/status"],
      });
      const masks = stdout.text();
      if (masks === "") context.skip("the place has no /proc/self/status");
      context.equal("masks that are not empty", masks.match(/[1-9a-f][0-9a-f]*$/gm) ?? [], []);
    },
  },
  {
    id: "process.no-descriptor-leaks-in",
    title: "A command has its three streams open and nothing else",
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      const { stdout, exit } = await context.session.commands.run({ program: "ls", args: ["/proc/self/fd"] });
      if (exit.kind !== "code" || exit.code !== 0) context.skip("the place has no /proc/self/fd");
      const open = stdout.text().trim().split("\n");
      // One more is the directory that `ls` reads.
      context.that(
        "0, 1, 2 and one more at most",
        open.length <= 4 && ["0", "1", "2"].every((fd) => open.includes(fd)),
        open,
      );
    },
  },
  {
    id: "process.abort-while-starting",
    title: "An abort while a command is being started rejects `cancelled`, or ends it as cancelled; nothing is left",
    needs: needsAll(needsCommands, needsMode("commands", "kill", "tree", "group")),
    tools: ["sh", "sleep", "grep"],
    async run(context) {
      const marker = context.unique();
      endAfterwards(context, marker);
      const request = { script: "sleep 60", env: { MOORING_MARK: marker }, graceMs: 0 };
      for (let round = 0; round < 10; round += 1) {
        const abort = new AbortController();
        const starting = context.session.commands.start(request, { signal: abort.signal });
        // It may reject before it is waited for.
        starting.catch(() => undefined);
        if (round > 0) await new Promise((resolve) => setTimeout(resolve, round - 1));
        abort.abort(new Error("not wanted"));
        const outcome = await context.outcome("the start", () => starting);
        if ("error" in outcome) {
          const cancelled = RunnerError.is(outcome.error) && outcome.error.code === "cancelled";
          context.that("a refusal to be `cancelled`", cancelled, outcome.error);
        } else {
          const result = await context.settles("the result", outcome.value.result());
          context.equal("the reason", result.reason, "cancelled");
        }
      }
      await expectNoSurvivors(context, "after ten rounds", marker);
    },
  },
  {
    id: "process.abort-after-the-end",
    title: "An abort after a command has ended changes nothing of its result",
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      const abort = new AbortController();
      const command = await context.session.commands.start({ script: "echo done; exit 2" }, { signal: abort.signal });
      const before = await command.result();
      abort.abort();
      const after = await command.result();
      context.equal("reason and exit", [after.reason, after.exit], ["exited", { kind: "code", code: 2 }]);
      context.that("the same result", before === after, after);
    },
  },
];
