import type { RemoteRunnerSession, RunnerCommand } from "@mooring/api";
import { type Check, needsAll, needsCommands, needsMode } from "../../check.js";
import type { CheckContext } from "../../check-context.js";
import { endAfterwards, expectNoSurvivors, survivors } from "../../support/survivors.js";
import { startReady } from "../process/endings.js";

const needsDurable = needsAll(
  needsCommands,
  needsMode("commands", "durable", "journal"),
  needsMode("lifecycle", "detach", "running"),
);

/** Resumes a session that was detached, with the same options. */
export async function resume(context: CheckContext, session: RemoteRunnerSession): Promise<RemoteRunnerSession> {
  const state = JSON.parse(JSON.stringify(session.state()));
  const { session: resumed, outcome } = await context.provider.resumeSession(
    context.destination,
    state,
    context.sessionOptions(),
  );
  context.afterwards(() => resumed.destroy());
  context.equal("the outcome of resuming", outcome, "reattached");
  return resumed;
}

/** Reads from a cursor to the end. */
async function readToEnd(context: CheckContext, command: RunnerCommand, from: number): Promise<string> {
  let cursor = { stdout: from, stderr: 0 };
  let text = "";
  const end = performance.now() + 15_000 * context.slowness;
  while (performance.now() < end) {
    const page = await command.read(cursor, { waitMs: 1_000, maxBytes: 10_000 });
    for (const { stream, offset, bytes } of page.chunks) {
      if (stream !== "stdout") continue;
      if (offset !== cursor.stdout) context.fail(`a chunk at ${cursor.stdout}`, offset);
      cursor = { ...cursor, stdout: offset + bytes.length };
      text += new TextDecoder().decode(bytes);
    }
    cursor = { ...cursor, ...page.cursor };
    if (page.ended) return text;
  }
  return context.fail("the output to end", text.slice(-100));
}

export const durableChecks: readonly Check[] = [
  {
    id: "durable.output-read-again-exactly-once",
    title:
      "A durable command runs on while nobody is connected, and its output is read on from a cursor: nothing twice, nothing lost",
    needs: needsDurable,
    tools: ["sh", "sleep"],
    async run(context) {
      const first = await context.freshSession();
      const commandId = context.unique("durable");
      const command = await first.commands.start({
        commandId,
        script: 'i=0; while [ $i -lt 40 ]; do echo "line $i"; i=$((i + 1)); sleep 0.05; done; exit 6',
        durable: true,
      });
      const page = await command.read(undefined, { waitMs: 8_000 });
      const before = page.chunks.map(({ bytes }) => new TextDecoder().decode(bytes)).join("");
      await first.detach();
      const second = await resume(context, first);
      const attached = await second.commands.attach(commandId);
      const after = await readToEnd(context, attached, page.cursor.stdout);
      const expected = Array.from({ length: 40 }, (_, index) => `line ${index}\n`).join("");
      context.bytes("both parts together", new TextEncoder().encode(before + after), expected);
      const result = await attached.result();
      context.equal(
        "its end",
        [result.reason, result.exit, result.stdout.totalBytes],
        ["exited", { kind: "code", code: 6 }, expected.length],
      );
      const again = await readToEnd(context, await second.commands.attach(commandId), 0);
      context.equal("read from the beginning once more", again, expected);
    },
  },
  {
    id: "durable.exit-is-recorded",
    title: "How a durable command ended is known to the next owner, also when it ended while nobody was connected",
    needs: needsDurable,
    tools: ["sh", "sleep"],
    async run(context) {
      const first = await context.freshSession();
      const ids = { code: context.unique("code"), signal: context.unique("signal") };
      await first.commands.start({ commandId: ids.code, script: "sleep 0.5; echo over; exit 9", durable: true });
      await first.commands.start({ commandId: ids.signal, script: "sleep 0.5; kill -9 $$", durable: true });
      await first.detach();
      await context.shText("sleep 1");
      const second = await resume(context, first);
      const code = await (await second.commands.attach(ids.code)).result();
      context.equal(
        "the one that exited",
        [code.reason, code.exit, code.stdout.text()],
        ["exited", { kind: "code", code: 9 }, "over\n"],
      );
      const signal = await (await second.commands.attach(ids.signal)).result();
      context.equal(
        "the one that was killed",
        [signal.reason, signal.exit],
        ["exited", { kind: "signal", signal: "SIGKILL" }],
      );
      await context.rejects("an id that was never used", () => second.commands.attach(context.unique()), "not_found");
      await context.rejects(
        "starting a used id again",
        () => second.commands.run({ commandId: ids.code, script: "echo twice" }),
        "already_exists",
      );
    },
  },
  {
    id: "durable.plain-commands-end-with-detach",
    title: "`detach` ends plain commands and leaves durable ones running; `close` ends both",
    needs: needsDurable,
    tools: ["sh", "sleep", "grep"],
    async run(context) {
      const plain = context.unique();
      const durable = context.unique();
      endAfterwards(context, plain);
      endAfterwards(context, durable);
      const first = await context.freshSession();
      // In their arguments: the environment of another session's processes is hidden from an ordinary user who is confined.
      const script = (mark: string) => `: ${mark}; while :; do sleep 1; done`;
      const kept = await first.commands.start({ script: script(durable), durable: true, graceMs: 100 });
      const ended = await first.commands.start({ script: script(plain), graceMs: 100 });
      await first.detach();
      context.equal("the plain one's reason", (await ended.result()).reason, "closed");
      await expectNoSurvivors(context, "of the plain one", plain);
      context.that("the durable one to run on", (await survivors(context, durable)).length > 0, "it is gone");
      const second = await resume(context, first);
      const info = (await second.commands.list()).find(({ commandId }) => commandId === kept.commandId);
      context.equal("what the next owner's list says", [info?.state, info?.durable], ["running", true]);
      const report = await second.close();
      context.equal("what close reports", [report.survivors, report.confirmed], [[], true]);
      await expectNoSurvivors(context, "of the durable one", durable);
    },
  },
  {
    id: "durable.cancel-by-next-owner",
    title: "The next owner can cancel a durable command, with all that descends from it",
    needs: needsAll(needsDurable, needsMode("commands", "kill", "tree")),
    tools: ["sh", "sleep", "setsid", "grep"],
    async run(context) {
      const marker = context.unique();
      endAfterwards(context, marker);
      const first = await context.freshSession();
      const { commandId } = await first.commands.start({
        script: "setsid sleep 60 & sleep 60 & wait",
        env: { MOORING_MARK: marker },
        durable: true,
        graceMs: 100,
      });
      await first.detach();
      const second = await resume(context, first);
      const report = await second.commands.cancel(commandId);
      context.equal("the report", report, { cancelled: true, survivors: [], confirmed: true });
      await expectNoSurvivors(context, "after the cancel", marker);
      context.equal("its reason", (await (await second.commands.attach(commandId)).result()).reason, "cancelled");
    },
  },
  {
    id: "durable.timeout-holds-unattended",
    title: "A durable command's timeout is kept while nobody is connected",
    needs: needsDurable,
    tools: ["sh", "sleep"],
    async run(context) {
      const first = await context.freshSession();
      const { commandId } = await first.commands.start({
        script: "echo begun; sleep 60",
        durable: true,
        timeoutMs: 600,
        graceMs: 100,
      });
      await first.detach();
      await context.shText("sleep 1.5");
      const second = await resume(context, first);
      const result = await (await second.commands.attach(commandId)).result();
      context.equal("its end", [result.reason, result.stdout.text()], ["timeout", "begun\n"]);
    },
  },
  {
    id: "durable.wrong-requests",
    title: "A durable command with a terminal or piped input is an invalid request",
    needs: needsDurable,
    async run(context) {
      const { commands } = context.session;
      await context.rejects(
        "with piped input",
        () => commands.run({ script: "echo ran", durable: true, stdin: "pipe" }),
        "invalid_request",
      );
      await context.rejects(
        "with a terminal",
        () => commands.run({ script: "echo ran", durable: true, pty: { columns: 80, rows: 24 } }),
        "invalid_request",
        "unsupported",
      );
    },
  },
  {
    id: "durable.disposal-lets-go",
    title: "Disposing of a durable command only lets it go",
    needs: needsDurable,
    tools: ["sh", "sleep"],
    async run(context) {
      const command = await startReady(context, { script: "echo ready; sleep 0.5; echo over", durable: true });
      await command[Symbol.asyncDispose]();
      const result = await (await context.session.commands.attach(command.commandId)).result();
      context.equal("its end", [result.reason, result.stdout.text()], ["exited", "ready\nover\n"]);
    },
  },
];
