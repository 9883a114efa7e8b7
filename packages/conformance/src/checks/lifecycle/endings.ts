import type { RemoteRunnerSession } from "@mooring/api";
import { type Check, needsAll, needsCommands, needsFiles, needsMode } from "../../check.js";
import type { CheckContext } from "../../check-context.js";
import { collectItems, decode } from "../../support/collect.js";
import { within } from "../../support/deadline.js";
import { endAfterwards, expectNoSurvivors } from "../../support/survivors.js";

/** Every kind of call on a session that is over. */
async function rejectsEverything(context: CheckContext, session: RemoteRunnerSession): Promise<void> {
  const calls = {
    "commands.run": () => session.commands.run({ script: "echo ran" }),
    "commands.list": () => session.commands.list(),
    "commands.attach": () => session.commands.attach("any"),
    "files.read": () => session.files.read("any"),
    "files.write": () => session.files.write("any", "x"),
    "files.list": () => collectItems(session.files.list(".")),
    "files.grep": () => collectItems(session.files.grep("x")),
    "ports.list": () => session.ports.list(),
    "ports.connect": () => session.ports.connect(1),
    "snapshots.list": () => session.snapshots.list(),
    "mounts.list": () => session.mounts.list(),
    "artifacts.export": () => session.artifacts.export({ path: "any" }),
    extend: () => session.extend(1_000),
  };
  for (const [name, call] of Object.entries(calls)) await context.rejects(name, call, "ended");
}

export const endingLifecycleChecks: readonly Check[] = [
  {
    id: "lifecycle.close",
    title: "`close` is idempotent, settles `ended`, and whatever is called later rejects `ended`",
    async run(context) {
      const session = await context.freshSession();
      const [first, second] = await Promise.all([session.close(), session.close()]);
      context.equal("both reports", second, first);
      context.equal("commands ended and survivors", [first.commandsEnded, first.survivors], [0, []]);
      const ended = await within(5_000, session.ended);
      context.equal("`ended`", ended === "late" ? "late" : [ended.value.reason, ended.value.error], [
        "closed",
        undefined,
      ]);
      context.equal("once more", await session.close(), first);
      await rejectsEverything(context, session);
    },
  },
  {
    id: "lifecycle.destroy",
    title: "`destroy` is idempotent, ends the session and removes it: it cannot be resumed",
    async run(context) {
      const session = await context.freshSession();
      const state = session.state();
      await session.destroy();
      await session.destroy();
      const ended = await within(5_000, session.ended);
      context.equal("`ended`", ended === "late" ? "late" : ended.value.reason, "destroyed");
      await rejectsEverything(context, session);
      await context.rejects(
        "resuming it",
        () => context.provider.resumeSession(context.destination, state, context.sessionOptions()),
        "not_found",
      );
    },
  },
  {
    id: "lifecycle.destroy-keeps-what-is-the-users",
    title: "Destroying a session leaves the files that it found or made in a workspace that was there before",
    needs: needsFiles,
    async run(context) {
      const directory = await context.directory();
      await context.session.files.write(`${directory}/found`, "x");
      const session = await context.freshSession({ workspace: directory });
      await session.files.write("made", "y");
      await session.destroy();
      context.equal("the file found", decode((await context.session.files.read(`${directory}/found`)).contents), "x");
      context.equal("the file made", decode((await context.session.files.read(`${directory}/made`)).contents), "y");
    },
  },
  {
    id: "lifecycle.close-ends-commands",
    title: "`close` ends the running commands, reports them, and their results say so with the output so far",
    needs: needsAll(needsCommands, needsMode("commands", "kill", "tree", "group")),
    tools: ["sh", "sleep", "grep"],
    async run(context) {
      const marker = context.unique();
      endAfterwards(context, marker);
      const session = await context.freshSession();
      const commands = await Promise.all(
        [1, 2, 3].map((number) =>
          session.commands.start({ script: `echo ${number}; sleep 60`, env: { MOORING_MARK: marker }, graceMs: 100 }),
        ),
      );
      for (const command of commands) await command.read(undefined, { waitMs: 8_000 });
      const report = await session.close();
      context.equal("the report", [report.commandsEnded, report.survivors], [3, []]);
      const results = await Promise.all(commands.map((command) => command.result()));
      context.equal(
        "reasons and output",
        results.map(({ reason, stdout }) => [reason, stdout.text()]),
        [
          ["closed", "1\n"],
          ["closed", "2\n"],
          ["closed", "3\n"],
        ],
      );
      await expectNoSurvivors(context, "after the close", marker);
    },
  },
  {
    id: "lifecycle.close-ends-the-background",
    title: "`close` also ends what ended commands left in the background",
    needs: needsAll(needsCommands, needsMode("commands", "kill", "tree")),
    tools: ["sh", "sleep", "setsid", "grep"],
    async run(context) {
      const marker = context.unique();
      endAfterwards(context, marker);
      const session = await context.freshSession();
      await session.commands.run({
        script: "sleep 60 >/dev/null 2>&1 & setsid sleep 60 >/dev/null 2>&1 & exit 0",
        env: { MOORING_MARK: marker },
      });
      const report = await session.close();
      context.equal("the report", report, { commandsEnded: 1, survivors: [], confirmed: true });
      await expectNoSurvivors(context, "after the close", marker);
    },
  },
  {
    id: "lifecycle.calls-under-way-settle",
    title: "Calls that are under way when the session closes settle, and with sense",
    needs: needsAll(needsCommands, needsFiles),
    tools: ["sh", "sleep"],
    async run(context) {
      const session = await context.freshSession();
      const command = await session.commands.start({ script: "sleep 60", graceMs: 0 });
      const waiting = command.read(undefined, { waitMs: 60_000 });
      const view = collectItems(command.output);
      const running = session.commands.run({ script: "sleep 60", graceMs: 0 });
      const closing = session.close();
      for (const [asked, call] of [
        ["a waiting read", waiting],
        ["a view", view],
        ["a run", running],
        ["the close", closing],
      ] as const) {
        const outcome = await context.outcome<unknown>(asked, () => call);
        context.note(asked, "error" in outcome ? outcome.error : "resolved");
      }
    },
  },
  {
    id: "lifecycle.disposal",
    title: "Disposal destroys what `createSession` made, or does what `onDispose` says",
    async run(context) {
      const first = await context.freshSession();
      await first[Symbol.asyncDispose]();
      context.equal("by default", (await first.ended).reason, "destroyed");
      const second = await context.freshSession({ onDispose: "close" });
      await second[Symbol.asyncDispose]();
      context.equal('with onDispose "close"', (await second.ended).reason, "closed");
    },
  },
  {
    id: "lifecycle.sessions-are-apart",
    title: "Two sessions at once have their own ids and commands, and ending one leaves the other",
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      const [first, second] = await Promise.all([context.freshSession(), context.freshSession()]);
      context.that("two ids", first.id !== second.id, first.id);
      const commandId = context.unique("same");
      const results = await Promise.all(
        [first, second].map((session) => session.commands.run({ commandId, script: "echo mine" })),
      );
      context.equal(
        "one command id in both",
        results.map(({ stdout }) => stdout.text()),
        ["mine\n", "mine\n"],
      );
      await first.destroy();
      context.equal(
        "the other afterwards",
        (await second.commands.run({ script: "echo alive" })).stdout.text(),
        "alive\n",
      );
    },
  },
];
