import { type Check, needsAll, needsCommands, needsMode } from "../../check.js";
import type { CheckContext } from "../../check-context.js";
import { decode } from "../../support/collect.js";
import { endAfterwards, expectNoSurvivors, survivors } from "../../support/survivors.js";
import type { RunnerCommand, RunnerCommandRequest } from "@mooring/api";

const needsKill = needsAll(needsCommands, needsMode("commands", "kill", "tree", "group", "process"));
const needsGroup = needsAll(needsCommands, needsMode("commands", "kill", "tree", "group"));

/** Starts a script and waits until it has written its first bytes. */
export async function startReady(
  context: CheckContext,
  request: RunnerCommandRequest,
  options?: { signal: AbortSignal },
): Promise<RunnerCommand> {
  const command = await context.session.commands.start(request, options);
  context.afterwards(() => command.cancel({ graceMs: 0 }));
  await readFirst(context, command);
  return command;
}

export async function readFirst(context: CheckContext, command: RunnerCommand): Promise<string> {
  const page = await command.read({ stdout: 0, stderr: 0 }, { waitMs: 8_000 * context.slowness });
  context.that("a first line of output", page.chunks.length > 0, page);
  return decode(page.chunks[0]?.bytes ?? new Uint8Array());
}

export const endingChecks: readonly Check[] = [
  {
    id: "process.timeout-leaves-no-child",
    title: "`sleep N & wait` with a timeout of 1 s ends on time, as a timeout, with no process left",
    needs: needsGroup,
    tools: ["sh", "sleep"],
    async run(context) {
      const marker = context.unique();
      endAfterwards(context, marker);
      const started = performance.now();
      const result = await context.session.commands.run({
        script: "echo begun; sleep 30 & wait",
        env: { MOORING_MARK: marker },
        timeoutMs: 1_000,
        graceMs: 200,
      });
      const tookMs = performance.now() - started;
      context.equal("the reason", result.reason, "timeout");
      context.that("the exit to be no code 0", !(result.exit.kind === "code" && result.exit.code === 0), result.exit);
      context.bytes("the output until then", result.stdout.bytes, "begun\n");
      context.that("1 s to be kept to", tookMs >= 950 && tookMs < 4_000 * context.slowness, `${Math.round(tookMs)} ms`);
      await expectNoSurvivors(context, "after the timeout", marker);
    },
  },
  {
    id: "process.timeout-grace",
    title: "A timed-out command is asked by TERM first, and what it says and returns in its grace is kept",
    needs: needsGroup,
    tools: ["sh", "sleep"],
    async run(context) {
      const result = await context.session.commands.run({
        script: "trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.05; done",
        timeoutMs: 500,
        graceMs: 8_000,
      });
      context.equal("reason and exit", [result.reason, result.exit], ["timeout", { kind: "code", code: 7 }]);
      context.bytes("its last words", result.stdout.bytes, "ready\nbye\n");
    },
  },
  {
    id: "process.term-ignored-is-killed",
    title: "A command that ignores TERM is killed when its grace is up",
    needs: needsKill,
    tools: ["sh", "sleep"],
    async run(context) {
      const command = await startReady(context, {
        script: "trap '' TERM HUP INT; echo ready; while :; do sleep 0.05; done",
        graceMs: 300,
      });
      const report = await command.cancel();
      context.equal("cancelled", report.cancelled, true);
      const result = await command.result();
      context.equal("reason", result.reason, "cancelled");
      if (context.capabilities.commands.exitSignal === "exact") {
        context.equal("exit", result.exit, { kind: "signal", signal: "SIGKILL" });
      }
    },
  },
  {
    id: "process.grace-zero-kills-at-once",
    title: "With `graceMs: 0` nothing is asked first: the command's TERM handler does not run",
    needs: needsKill,
    tools: ["sh", "sleep"],
    async run(context) {
      const command = await startReady(context, {
        script: "trap 'echo handled' TERM; echo ready; while :; do sleep 0.05; done",
      });
      await command.cancel({ graceMs: 0 });
      context.bytes("its output", (await command.result()).stdout.bytes, "ready\n");
    },
  },
  {
    id: "process.aborted-signal-starts-nothing",
    title: "A signal that is aborted already starts nothing and rejects `cancelled` with its reason",
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      const directory = await context.directory();
      const reason = new Error("not wanted any more");
      const signal = AbortSignal.abort(reason);
      for (const call of ["start", "run"] as const) {
        const error = await context.rejects(
          `${call} with an aborted signal`,
          () => context.session.commands[call]({ script: `echo ran > ran-${call}`, cwd: directory }, { signal }),
          "cancelled",
        );
        context.that("the cause to be the signal's reason", error.cause === reason, error.cause);
      }
      // Long enough for a command that was started after all to leave its trace.
      const traces = await context.shText('sleep 0.3; for file in ran-*; do [ -e "$file" ] && echo "$file"; done; :');
      context.bytes("files that such a command would have left", new TextEncoder().encode(traces), "");
    },
  },
  {
    id: "process.abort-ends-it",
    title: "An abort while it runs ends the command; the result resolves as cancelled, with its output",
    needs: needsKill,
    tools: ["sh", "sleep"],
    async run(context) {
      const abort = new AbortController();
      const command = await startReady(
        context,
        { script: "echo ready; sleep 30", graceMs: 200 },
        { signal: abort.signal },
      );
      abort.abort(new Error("enough"));
      const settled = await context.settles("the result to settle", command.result(), 5_000);
      context.equal("its reason", settled.reason, "cancelled");
      context.bytes("its output", settled.stdout.bytes, "ready\n");
    },
  },
  {
    id: "process.cancel-reports",
    title: "`cancel` says what it did: once true, then false; an id that is not known is false",
    needs: needsKill,
    tools: ["sh", "sleep"],
    async run(context) {
      const { commands } = context.session;
      // Whether an ended command is known as ended at once is a race that one round may win.
      for (let round = 1; round <= 8; round += 1) {
        const command = await startReady(context, { script: "echo ready; exec sleep 30", graceMs: 200 });
        const first = await commands.cancel(command.commandId);
        context.equal("the first", [first.cancelled, first.survivors], [true, []]);
        context.equal("the reason", (await command.result()).reason, "cancelled");
        context.equal("the second", (await commands.cancel(command.commandId)).cancelled, false);
        context.equal("of the handle", (await command.cancel()).cancelled, false);
      }
      context.equal("of an unknown id", (await commands.cancel(context.unique())).cancelled, false);
    },
  },
  {
    id: "process.cancel-report-is-true",
    title: "A cancel that confirms an empty list of survivors has left none, whatever kind they are",
    needs: needsKill,
    tools: ["sh", "sleep", "setsid"],
    async run(context) {
      const marker = context.unique();
      endAfterwards(context, marker);
      const command = await startReady(context, {
        script: "setsid sleep 30 & sleep 30 & echo ready; wait",
        env: { MOORING_MARK: marker },
        graceMs: 100,
      });
      const report = await command.cancel();
      const living = await survivors(context, marker);
      const told = new Set(report.survivors.map(String));
      const untold = living.filter((line) => !told.has(line.split(" ")[0] ?? ""));
      context.that("survivors to be told or not to be confirmed", untold.length === 0 || !report.confirmed, {
        report,
        living,
      });
    },
  },
  {
    id: "process.neighbour-unharmed",
    title: "Ending one command leaves its neighbours in the session running",
    needs: needsKill,
    tools: ["sh", "sleep"],
    async run(context) {
      const neighbour = await startReady(context, {
        script: 'echo ready; read line; echo "$line"; exit 4',
        stdin: context.capabilities.commands.stdin === "pipe" ? "pipe" : "none",
      });
      const victim = await startReady(context, { script: "echo ready; sleep 30", graceMs: 100 });
      await victim.cancel();
      await context.session.commands.run({ script: "sleep 30 & wait", timeoutMs: 200, graceMs: 0 });
      if (context.capabilities.commands.stdin !== "pipe") return;
      await neighbour.write("still here\n");
      const result = await neighbour.result();
      context.equal("the neighbour's exit", result.exit, { kind: "code", code: 4 });
      context.bytes("its output", result.stdout.bytes, "ready\nstill here\n");
    },
  },
  {
    id: "process.first-reason-wins",
    title: "A command that timed out and is cancelled in its grace has ended by its timeout",
    needs: needsKill,
    tools: ["sh", "sleep"],
    async run(context) {
      const command = await startReady(context, {
        script: "trap 'echo asked' TERM; echo ready; while :; do sleep 0.05; done",
        timeoutMs: 700,
        graceMs: 4_000,
      });
      const page = await command.read({ stdout: 6, stderr: 0 }, { waitMs: 8_000 * context.slowness });
      context.that("the timeout's TERM", page.chunks.length > 0, page);
      await command.cancel({ graceMs: 0 });
      context.equal("the reason", (await command.result()).reason, "timeout");
    },
  },
  {
    id: "process.stopped-is-ended",
    title: "A command that is stopped (SIGSTOP) can still be ended",
    needs: needsKill,
    tools: ["sh"],
    async run(context) {
      const command = await startReady(context, { script: "echo ready; kill -STOP $$; exit 0", graceMs: 200 });
      const report = await context.outcome("cancel of a stopped command", () => command.cancel());
      context.that("it to be cancelled", "value" in report && report.value.cancelled, report);
      context.equal("the reason", (await command.result()).reason, "cancelled");
    },
  },
  {
    id: "process.disposal-cancels",
    title: "Disposing of a command ends it",
    needs: needsGroup,
    tools: ["sh", "sleep"],
    async run(context) {
      const marker = context.unique();
      endAfterwards(context, marker);
      const command = await startReady(context, {
        script: "echo ready; sleep 30",
        env: { MOORING_MARK: marker },
        graceMs: 100,
      });
      await command[Symbol.asyncDispose]();
      context.equal("the reason", (await command.result()).reason, "cancelled");
      await expectNoSurvivors(context, "after disposal", marker);
    },
  },
];
