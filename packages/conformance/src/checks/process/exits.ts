import { type Check, needsAll, needsCommands, needsMode } from "../../check.js";

export const exitChecks: readonly Check[] = [
  {
    id: "process.exit-codes-exact",
    title: "Exit codes arrive exactly, those that shells use for signals included",
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      for (const code of [0, 1, 2, 42, 124, 126, 127, 128, 129, 137, 143, 254, 255]) {
        const { exit, reason } = await context.session.commands.run({ script: `exit ${code}` });
        context.equal(`exit ${code}`, { exit, reason }, { exit: { kind: "code", code }, reason: "exited" });
      }
    },
  },
  {
    id: "process.kill-9-is-a-signal",
    title: "`kill -9 $$` is reported as death by SIGKILL: not 137, not 1, not 0",
    needs: needsAll(needsCommands, needsMode("commands", "exitSignal", "exact")),
    tools: ["sh"],
    async run(context) {
      const { exit, reason } = await context.session.commands.run({ script: "kill -9 $$" });
      context.equal("kill -9 $$", { exit, reason }, { exit: { kind: "signal", signal: "SIGKILL" }, reason: "exited" });
    },
  },
  {
    id: "process.signals-exact",
    title: "Death by each common signal is reported by that signal's name",
    needs: needsAll(needsCommands, needsMode("commands", "exitSignal", "exact")),
    tools: ["sh"],
    async run(context) {
      for (const name of ["HUP", "INT", "ABRT", "SEGV", "PIPE", "ALRM", "TERM", "USR1", "USR2"]) {
        const { exit } = await context.session.commands.run({
          script: `ulimit -c 0; kill -${name} $$; exit 99`,
        });
        context.equal(`kill -${name} $$`, exit, { kind: "signal", signal: `SIG${name}` });
      }
    },
  },
  {
    id: "process.child-keeps-pipe",
    title: "A background child that keeps the output open does not hold up the result",
    needs: needsCommands,
    tools: ["sh", "sleep"],
    async run(context) {
      const started = performance.now();
      const command = await context.session.commands.start({ script: "sleep 12 & echo done $!" });
      context.afterwards(() => command.cancel({ graceMs: 0 }));
      const settled = await context.settles("`sleep 12 & echo done` to settle within 4 s", command.result(), 4_000);
      const pid = /^done (\d+)\n$/.exec(settled.stdout.text())?.[1];
      context.that("its output to be `done`", pid !== undefined, settled.stdout.text());
      context.afterwards(() => context.sh(`kill -9 ${pid} 2>/dev/null; :`, { cwd: "." }));
      context.equal("its exit", settled.exit, { kind: "code", code: 0 });
      context.equal("its reason", settled.reason, "exited");
      context.note("how long it took", `${Math.round(performance.now() - started)} ms`);
    },
  },
  {
    id: "process.closed-output-is-no-end",
    title: "A command that closes its own output is waited for, and its exit code is its own",
    needs: needsCommands,
    tools: ["sh", "sleep"],
    async run(context) {
      const { exit, stdout } = await context.sh("echo first; exec >&- 2>&-; sleep 1; exit 5");
      context.equal("the exit code", exit, { kind: "code", code: 5 });
      context.bytes("what it wrote before", stdout.bytes, "first\n");
    },
  },
  {
    id: "process.result-is-one",
    title: "`result()` gives the same object each time, with sensible times, also after the end",
    needs: needsCommands,
    tools: ["sh", "sleep"],
    async run(context) {
      const before = Date.now();
      const command = await context.session.commands.start({ script: "sleep 1; echo $$" });
      const [first, second] = await Promise.all([command.result(), command.result()]);
      context.that("two calls at once to give one object", first === second, "two objects");
      context.that("a later call to give it, too", (await command.result()) === first, "another object");
      const { durationMs, startedAtMs, commandId } = first;
      context.that(
        "durationMs of `sleep 1` to be from 950 to 8,000",
        durationMs >= 950 && durationMs < 8_000 * context.slowness,
        durationMs,
      );
      context.that(
        "startedAtMs to be by this host's clock",
        startedAtMs >= before - 1 && startedAtMs <= Date.now(),
        startedAtMs - before,
      );
      context.equal("the result's commandId", commandId, command.commandId);
      if (command.pid !== null)
        context.equal("its pid, as the shell knows it", first.stdout.text(), `${command.pid}\n`);
    },
  },
  {
    id: "process.many-at-once",
    title: "Fifty commands at once each give their own output and exit code",
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      const numbers = Array.from({ length: 50 }, (_, index) => index);
      const results = await Promise.all(
        numbers.map((number) =>
          context.session.commands.run({ script: `echo out ${number}; echo err ${number} >&2; exit ${number}` }),
        ),
      );
      const found = results.map(({ exit, stdout, stderr }) => [exit, stdout.text(), stderr.text()]);
      context.equal(
        "each one's own words",
        found,
        numbers.map((code) => [{ kind: "code", code }, `out ${code}\n`, `err ${code}\n`]),
      );
    },
  },
];
