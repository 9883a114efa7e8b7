import type { RunnerCommand, RunnerErrorCode } from "@mooring/api";
import type { Scenario } from "../scenario.js";
import type { Stage } from "../stage.js";

const script = "printf 'some words\\n'; printf 'and others\\n' >&2; : >ran; exit 0";
const input = Buffer.alloc(400_000, "0123456789abcdef\n");

/** A far side that is silent is lost at the same moment at which it has not said in time what it was asked: either may be told. */
const unsaid: { readonly codes: readonly RunnerErrorCode[] } = { codes: ["timeout"] };

/** Commands from their start to their result. */
export const commandScenarios: readonly Scenario[] = [
  {
    name: "run",
    run: (stage) =>
      stage.inSession(async ({ commands }) => {
        await stage.call("run", () => stage.signalled((options) => commands.run({ script, graceMs: 0 }, options)), {
          truth: (result) => stage.untrue(result, { code: 0, stdout: "some words\n", file: "ran" }),
        });
      }),
  },
  {
    name: "run-failing",
    run: (stage) =>
      stage.inSession(async ({ commands }) => {
        const request = { script: ": >ran; exit 7", graceMs: 0 };
        await stage.call("run", () => stage.signalled((options) => commands.run(request, options)), {
          truth: (result) => stage.untrue(result, { code: 7, stdout: "", file: "ran" }),
        });
      }),
  },
  {
    name: "run-missing",
    run: (stage) =>
      stage.inSession(async ({ commands }) => {
        const request = { program: "there-is-no-such-program", graceMs: 0 };
        await stage.call("run", () => stage.signalled((options) => commands.run(request, options)), {
          codes: ["not_found"],
        });
      }),
  },
  {
    name: "run-input",
    run: (stage) =>
      stage.inSession(async ({ commands }) => {
        const request = { script: "cat; : >ran", stdin: input, graceMs: 0 };
        await stage.call("run", () => stage.signalled((options) => commands.run(request, options)), {
          truth: (result) => stage.untrue(result, { code: 0, stdout: input.toString(), file: "ran" }),
        });
      }),
  },
  {
    name: "run-input-stream",
    run: (stage) =>
      stage.inSession(async ({ commands }) => {
        let left = 4;
        const stdin = new ReadableStream<Uint8Array>({
          pull(controller) {
            controller.enqueue(input.subarray(0, 1_700));
            if (--left === 0) controller.close();
          },
        });
        const request = { script: "cat; : >ran", stdin, graceMs: 0 };
        await stage.call("run", () => stage.signalled((options) => commands.run(request, options)), {
          truth: (result) =>
            stage.untrue(result, { code: 0, stdout: input.subarray(0, 1_700).toString().repeat(4), file: "ran" }),
        });
      }),
  },
  {
    name: "run-timeout",
    run: (stage) =>
      stage.inSession(async ({ commands }) => {
        const request = { script: "sleep 30", timeoutMs: 100, graceMs: 0 };
        await stage.call("run", () => stage.signalled((options) => commands.run(request, options)), {
          truth: (result) => stage.inventedExit(result) ?? stage.untrue(result, { code: 0 }, ["timeout"]),
          deadlineMs: stage.callMs + 100,
        });
      }),
  },
  {
    name: "run-aborted",
    run: (stage) =>
      stage.inSession(async ({ commands }) => {
        const controller = new AbortController();
        setTimeout(() => controller.abort(), 60);
        const request = { script: "sleep 30", graceMs: 0 };
        await stage.call("run", () => commands.run(request, { signal: controller.signal }), {
          codes: ["cancelled"],
          truth: (result) => stage.inventedExit(result),
          deadlineMs: stage.callMs + 60,
        });
      }),
  },
  {
    name: "run-many",
    run: (stage) =>
      stage.inSession(async ({ commands, files }) => {
        const runs = Array.from({ length: 4 }, (_, index) => {
          const request = { script: `echo ${index}; : >ran-${index}`, graceMs: 0 };
          return stage.call(`run ${index}`, () => stage.signalled((options) => commands.run(request, options)), {
            truth: (result) => stage.untrue(result, { code: 0, stdout: `${index}\n`, file: `ran-${index}` }),
          });
        });
        const stats = stage.call("stat", () => stage.signalled((options) => files.stat(".", options)));
        await Promise.all([...runs, stats]);
      }),
  },
  {
    name: "stream",
    run: (stage) =>
      withCommand(stage, { script: "head -c 200000 /dev/zero; echo over >&2", output: "stream" }, async (command) => {
        const [stdout, stderr] = [command.stdout, command.stderr];
        await Promise.all([
          stage.call("stdout", () => drained(stage, command, stdout)),
          stage.call("stderr", () => drained(stage, command, stderr)),
        ]);
      }),
  },
  {
    name: "views",
    run: (stage) =>
      withCommand(stage, { script: "echo one; sleep 0.05; echo two; : >ran" }, async (command) => {
        await stage.call("read", () =>
          stage.signalled((options) => command.read(undefined, { waitMs: 300, ...options })),
        );
        await stage.call("output", async () => {
          for await (const chunk of command.output) if (chunk.bytes.length === 0) break;
        });
        await stage.call("read again", () => command.read({ stdout: 0, stderr: 0 }));
        await stage.call("result", () => command.result(), {
          truth: (result) => stage.untrue(result, { code: 0, stdout: "one\ntwo\n", file: "ran" }),
        });
      }),
  },
  {
    name: "write",
    run: (stage) =>
      withCommand(stage, { script: "cat; : >ran", stdin: "pipe" }, async (command) => {
        await stage.call("write", () => stage.signalled((options) => command.write("first\n", options)), {
          codes: ["ended"],
        });
        await stage.call("write much", () => stage.signalled((options) => command.write(input, options)), {
          codes: ["ended"],
        });
        await stage.call("closeStdin", () => command.closeStdin());
        await stage.call("result", () => command.result(), {
          truth: (result) => stage.untrue(result, { code: 0, stdout: `first\n${input.toString()}`, file: "ran" }),
        });
      }),
  },
  {
    name: "signal",
    run: (stage) =>
      withCommand(stage, { script: "sleep 30" }, async (command) => {
        await stage.call("signal", () => stage.signalled((options) => command.signal("SIGTERM", options)));
        await stage.call("result", () => result(stage, command), {
          truth: (result) => stage.inventedExit(result),
        });
      }),
  },
  {
    name: "cancel",
    run: (stage) =>
      withCommand(stage, { script: "sleep 30 & sleep 30" }, async (command) => {
        await stage.call("cancel", () => stage.signalled((options) => command.cancel(options)), unsaid);
        await stage.call("result", () => command.result(), {
          truth: (result) => stage.inventedExit(result),
        });
      }),
  },
  {
    name: "dispose-command",
    run: (stage) =>
      withCommand(stage, { script: "sleep 30" }, async (command) => {
        await stage.call("dispose of a command", () => command[Symbol.asyncDispose]());
      }),
  },
  {
    name: "running-at-close",
    run: (stage) =>
      withCommand(stage, { script: "sleep 30" }, async (command, session) => {
        const over = stage.call("result", () => command.result(), {
          deadlineMs: stage.endMs,
          truth: (result) => stage.inventedExit(result),
        });
        await stage.call("close", () => session.close(), { deadlineMs: stage.endMs });
        await over;
      }),
  },
  {
    name: "find-command",
    run: (stage) =>
      stage.inSession(async ({ commands }) => {
        const request = { commandId: "known", script: "sleep 30", graceMs: 0 };
        await stage.call("start", () => stage.signalled((options) => commands.start(request, options)), {
          deadlineMs: stage.callMs,
        });
        await stage.call("list", () => stage.signalled((options) => commands.list(options)));
        await stage.call("attach", () => stage.signalled((options) => commands.attach("known", options)), {
          codes: ["not_found"],
        });
        await stage.call("attach to none", () => stage.signalled((options) => commands.attach("unknown", options)), {
          codes: ["not_found"],
        });
        await stage.call(
          "cancel",
          () => stage.signalled((options) => commands.cancel("known", { graceMs: 0, ...options })),
          unsaid,
        );
      }),
  },
  {
    name: "terminal",
    farSides: ["helper"],
    run: (stage) =>
      withCommand(stage, { script: "sleep 30", pty: { columns: 80, rows: 24 } }, async (command) => {
        await stage.call("resize", () => command.resize({ columns: 100, rows: 30 }));
        await stage.call("cancel", () => command.cancel(), unsaid);
        await stage.call("result", () => command.result());
      }),
  },
  {
    name: "durable",
    farSides: ["helper"],
    async run(stage) {
      const { provider, destination } = stage.options;
      const session = await stage.open();
      if (session === undefined) return;
      const request = {
        commandId: "lasting",
        script: "echo one; sleep 0.2; echo two; : >ran",
        durable: true,
        graceMs: 0,
      };
      await stage.call("start", () => session.commands.start(request));
      const state = session.state();
      await stage.call("detach", () => session.detach(), { deadlineMs: stage.endMs });
      const resumed = await stage.call("resumeSession", () => provider.resumeSession(destination, state), {
        deadlineMs: stage.openMs,
      });
      if (resumed === undefined) {
        await stage.destroy(session);
        return;
      }
      stage.watch(resumed.session);
      const attached = await stage.call("attach", () => resumed.session.commands.attach("lasting"), {
        codes: ["not_found"],
      });
      if (attached !== undefined) {
        await stage.call("result", () => attached.result(), {
          deadlineMs: stage.callMs + 200,
          truth: (found) => stage.untrue(found, { code: 0, stdout: "one\ntwo\n", file: "ran" }),
        });
      }
      await stage.destroy(resumed.session);
    },
  },
];

type Request = Parameters<Parameters<Parameters<Stage["inSession"]>[0]>[0]["commands"]["start"]>[0];
type Session = Parameters<Parameters<Stage["inSession"]>[0]>[0];

/** A session with one command that was started in it. */
function withCommand(
  stage: Stage,
  request: Request,
  body: (command: RunnerCommand, session: Session) => Promise<void>,
): Promise<void> {
  return stage.inSession(async (session) => {
    // The signal lives as long as the command: over a shell nothing else ends one whose end is never told.
    const controller = new AbortController();
    const timer = stage.callSignals
      ? setTimeout(() => controller.abort(new Error("planted: enough")), 1_000)
      : undefined;
    const command = await stage.call("start", () =>
      session.commands.start({ ...request, graceMs: 0 }, { signal: controller.signal }),
    );
    if (command !== undefined) await body(command, session);
    clearTimeout(timer);
  });
}

async function result(stage: Stage, command: RunnerCommand) {
  // A signal that a fault swallowed ends nothing.
  const timer = setTimeout(() => void command.cancel({ graceMs: 0 }).catch(() => undefined), stage.callMs / 2);
  try {
    return await command.result();
  } finally {
    clearTimeout(timer);
  }
}

async function drained(stage: Stage, command: RunnerCommand, stream: ReadableStream<Uint8Array>): Promise<number> {
  let total = 0;
  for await (const bytes of stream as ReadableStream<Uint8Array> & AsyncIterable<Uint8Array>) total += bytes.length;
  const found = await command.result();
  if (found.exit.kind === "code" && !stage.isLossy && total !== 200_000 && total !== 5) {
    throw new Error(`${total} bytes came of a stream that ended well`);
  }
  return total;
}
