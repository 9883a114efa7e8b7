import { type Check, needsAll, needsCommands, needsMode } from "../../check.js";
import { decode } from "../../support/collect.js";
import { until } from "../../support/deadline.js";
import { endAfterwards, expectNoSurvivors, survivors } from "../../support/survivors.js";
import { startReady } from "./endings.js";

export const handleChecks: readonly Check[] = [
  {
    id: "process.signal-reaches-it",
    title: "`signal` reaches the command's own handler, and rejects `ended` when it is over",
    needs: needsAll(needsCommands, needsMode("commands", "kill", "tree", "group", "process")),
    tools: ["sh", "sleep"],
    async run(context) {
      const command = await startReady(context, {
        script: "trap 'echo one; exit 3' USR1; echo ready; while :; do sleep 0.05; done",
      });
      await command.signal("SIGUSR1");
      const result = await command.result();
      context.equal("its exit", [result.reason, result.exit], ["exited", { kind: "code", code: 3 }]);
      context.bytes("its output", result.stdout.bytes, "ready\none\n");
      await context.rejects("a signal afterwards", () => command.signal("SIGTERM"), "ended");
    },
  },
  {
    id: "process.unknown-signal-refused",
    title: "A signal that is none is an invalid request",
    needs: needsCommands,
    tools: ["sh", "sleep"],
    async run(context) {
      const command = await startReady(context, { script: "echo ready; sleep 30", graceMs: 0 });
      await context.rejects("SIGNOTHING", () => command.signal("SIGNOTHING" as "SIGTERM"), "invalid_request");
    },
  },
  {
    id: "process.id-used-twice",
    title: "A command id that was used is `already_exists`, also when its command has ended",
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      const { commands } = context.session;
      const commandId = context.unique("id");
      const first = await commands.run({ commandId, script: "echo once" });
      context.equal("the result's id", first.commandId, commandId);
      await context.rejects("the same id", () => commands.run({ commandId, script: "echo twice" }), "already_exists");
    },
  },
  {
    id: "process.list-tells-states",
    title: "`list` tells what runs and what ended, and never shows an environment",
    needs: needsCommands,
    tools: ["sh", "sleep"],
    async run(context) {
      const { commands } = context.session;
      const canary = context.secret();
      const ended = await commands.run({ script: "true", env: { CANARY: canary } });
      const running = await startReady(context, {
        script: "echo ready; sleep 30",
        env: { CANARY: canary },
        graceMs: 0,
      });
      const list = await commands.list();
      const stateOf = (id: string) => list.find(({ commandId }) => commandId === id)?.state;
      context.equal("the state of what runs", stateOf(running.commandId), "running");
      const over = stateOf(ended.commandId);
      context.that(
        "what ended to be `ended`, or no longer listed",
        over === "ended" || over === undefined,
        over ?? "not listed",
      );
      context.that("no value of the environment in it", !JSON.stringify(list).includes(canary), "the list holds it");
    },
  },
  {
    id: "process.attach-in-session",
    title: "`attach` finds a command of the session by its id; an unknown id is `not_found`",
    needs: needsAll(needsCommands, needsMode("commands", "attach", "cursor", "live")),
    tools: ["sh", "sleep"],
    async run(context) {
      const { commands } = context.session;
      const command = await startReady(context, { script: "echo ready; sleep 30", graceMs: 0 });
      const attached = await commands.attach(command.commandId);
      context.equal("its id", attached.commandId, command.commandId);
      context.equal("its pid", attached.pid, command.pid);
      if (context.capabilities.commands.attach === "cursor") {
        const page = await attached.read();
        context.equal("what it wrote", page.chunks.map(({ bytes }) => decode(bytes)).join(""), "ready\n");
      }
      await attached.cancel({ graceMs: 0 });
      context.equal("the first handle's reason", (await command.result()).reason, "cancelled");
      await context.rejects("an id that was never used", () => commands.attach(context.unique()), "not_found");
    },
  },
  {
    id: "process.background-is-kept-and-ended",
    title: "After a normal exit a background child lives on, is listed under its command, and ends by `cancel`",
    needs: needsAll(needsCommands, needsMode("commands", "kill", "tree")),
    tools: ["sh", "sleep"],
    async run(context) {
      const marker = context.unique();
      endAfterwards(context, marker);
      const { commands } = context.session;
      const result = await commands.run({
        script: "sleep 30 >/dev/null 2>&1 & echo started",
        env: { MOORING_MARK: marker },
      });
      context.equal("the exit", result.exit, { kind: "code", code: 0 });
      const living = await survivors(context, marker);
      context.equal("processes that live on", living.length, 1);
      const info = (await commands.list()).find(({ commandId }) => commandId === result.commandId);
      context.equal("its state", info?.state, "background");
      context.equal(
        "its processes",
        info?.processes.map(String),
        living.map((line) => line.split(" ")[0]),
      );
      const report = await commands.cancel(result.commandId, { graceMs: 0 });
      context.equal("the cancel", report, { cancelled: true, survivors: [], confirmed: true });
      await expectNoSurvivors(context, "after the cancel", marker);
      const state = await until(
        3_000,
        async () => (await commands.list()).find(({ commandId }) => commandId === result.commandId)?.state,
        (value) => value !== "background",
      );
      context.that("it to be listed as ended", state !== "background" && state !== "running", state);
    },
  },
  {
    id: "process.resources-are-returned",
    title: "Two hundred short commands one after the other leave no process of theirs behind",
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      const marker = context.unique();
      endAfterwards(context, marker);
      for (let batch = 0; batch < 20; batch += 1) {
        await Promise.all(
          Array.from({ length: 10 }, () =>
            context.session.commands.run({ script: "exit 0", env: { MOORING_MARK: marker } }),
          ),
        );
      }
      await expectNoSurvivors(context, "after 200 commands", marker);
    },
  },
];
