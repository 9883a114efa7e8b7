import { type Check, needsAll, needsCommands, needsMode } from "../../check.js";
import { within } from "../../support/deadline.js";
import { endAfterwards, expectNoSurvivors } from "../../support/survivors.js";
import { skipIfSpared, sparesTheChecks, startReadyIn, stillHonest } from "./support.js";

const needsTree = needsAll(needsCommands, needsMode("commands", "kill", "tree"));

/** What a command can do to the process that it descends from, and to its neighbours. */
export const parentChecks: readonly Check[] = [
  {
    id: "hostile.parent-killed",
    title: "A command that kills its parent gets no invented exit, leaves nothing, and costs its neighbours no truth",
    needs: needsTree,
    tools: ["sh", "sleep", "grep"],
    async run(context) {
      const marker = context.unique();
      endAfterwards(context, marker);
      const session = await context.freshSession();
      const neighbour = await startReadyIn(context, session, { script: "echo ready; sleep 1; exit 5" });
      const attack = await session.commands.start({
        script: `${sparesTheChecks}kill -KILL "$PPID"; sleep 60 & sleep 60`,
        env: { MOORING_MARK: marker },
        timeoutMs: 3_000 * context.slowness,
        graceMs: 0,
      });
      const result = await context.settles("the result of the one that killed", attack.result());
      skipIfSpared(context, result);
      context.that("its exit to be no code: it never exited", result.exit.kind !== "code", result.exit);
      const other = await context.settles("the neighbour's result", neighbour.result());
      const told = other.exit.kind === "code" ? other.exit.code === 5 : other.reason !== "exited";
      context.that("the neighbour's exit to be its own or unknown", told, [other.exit, other.reason]);
      await expectNoSurvivors(context, "what the one that killed had started", marker);
      await stillHonest(context, session);
    },
  },
  {
    id: "hostile.parent-stopped",
    title: "A command that stops its parent (SIGSTOP) is still ended by its timeout and by `cancel`",
    needs: needsTree,
    tools: ["sh", "sleep", "grep"],
    deadlineMs: 40_000,
    async run(context) {
      const marker = context.unique();
      endAfterwards(context, marker);
      const session = await context.freshSession();
      const script = `${sparesTheChecks}kill -STOP "$PPID"; echo ready; sleep 60 & sleep 60`;
      const env = { MOORING_MARK: marker };
      const timed = await session.commands.start({ script, env, graceMs: 100, timeoutMs: 1_000 });
      const late = await context.settles("the result of one with a timeout", timed.result());
      skipIfSpared(context, late);
      context.that("its exit to be no code: it never exited", late.exit.kind !== "code", late.exit);
      context.that("its reason to be no `exited`", late.reason !== "exited", late.reason);
      const command = await startReadyIn(context, session, { script, env, graceMs: 100 });
      const report = await context.settles("a cancel", command.cancel());
      context.equal("survivors that it confirms", report.confirmed ? report.survivors : "unconfirmed", []);
      await context.settles("the result of the one that was cancelled", command.result());
      await expectNoSurvivors(context, "what they had started", marker);
      await stillHonest(context, session);
      await context.settles("closing the session", session.close());
    },
  },
  {
    id: "hostile.parent-stopped-and-left",
    title: "A command that stops its parent and then exits does not keep the session from ending",
    needs: needsTree,
    tools: ["sh"],
    async run(context) {
      const session = await context.freshSession();
      const command = await session.commands.start({ script: `${sparesTheChecks}kill -STOP "$PPID"; exit 7` });
      const soon = await within(500 * context.slowness, command.result());
      if (soon !== "late") skipIfSpared(context, soon.value);
      const report = await context.settles("closing the session", session.close());
      context.equal("survivors that it confirms", report.confirmed ? report.survivors : "unconfirmed", []);
      const { exit, reason } = await context.settles("the result", command.result());
      const told = exit.kind === "code" ? exit.code === 7 : true;
      context.that("the exit to be its own, or none", told, [exit, reason]);
    },
  },
  {
    id: "hostile.descriptors-of-the-parent",
    title: "Noise that a command writes into its parent's own pipes forges nothing and hangs nothing",
    needs: needsCommands,
    tools: ["sh", "head", "readlink", "sleep"],
    async run(context) {
      const session = await context.freshSession();
      const neighbour = await startReadyIn(context, session, { script: "echo ready; sleep 1; exit 5" });
      // A pipe that is full would hold up whoever writes: each of them is let go after a moment.
      const attack = `${sparesTheChecks}[ -r "/proc/$PPID/fd" ] || exit 91
for file in /proc/$PPID/fd/*; do
  case $(readlink "$file") in pipe:*) ( head -c 4096 /dev/urandom > "$file" ) 2>/dev/null & writers="$writers $!";; esac
done
sleep 0.3
kill $writers 2>/dev/null
exit 7`;
      const command = await session.commands.start({ script: attack, timeoutMs: 4_000 * context.slowness, graceMs: 0 });
      const result = await context.settles("the result of the one that wrote", command.result(), 20_000);
      skipIfSpared(context, result);
      if (result.exit.kind === "code" && result.exit.code === 91)
        context.skip("the place shows no descriptors in /proc");
      const own = result.exit.kind === "code" ? result.exit.code === 7 : true;
      context.that("its exit to be its own, or none", own, [result.exit, result.reason]);
      const other = await context.settles("the neighbour's result", neighbour.result());
      const told = other.exit.kind === "code" ? other.exit.code === 5 : other.reason !== "exited";
      context.that("the neighbour's exit to be its own or unknown", told, [other.exit, other.reason]);
      context.bytes("the neighbour's output", other.stdout.bytes, "ready\n");
      await stillHonest(context, session);
    },
  },
  {
    id: "hostile.killed-by-a-neighbour",
    title: "A command that another one kills is reported as killed, and not as ended by its owner",
    needs: needsAll(needsCommands, needsMode("commands", "exitSignal", "exact")),
    tools: ["sh", "sleep"],
    async run(context) {
      const { commands } = context.session;
      const victim = await startReadyIn(context, context.session, { script: "echo ready; exec sleep 60" });
      if (victim.pid === null) return context.skip("the place does not tell process numbers");
      const killer = await commands.run({ script: `kill -KILL ${victim.pid}` });
      context.equal("the killer's exit", killer.exit, { kind: "code", code: 0 });
      const { exit, reason } = await context.settles("the victim's result", victim.result());
      context.equal("the victim's end", [exit, reason], [{ kind: "signal", signal: "SIGKILL" }, "exited"]);
    },
  },
];
