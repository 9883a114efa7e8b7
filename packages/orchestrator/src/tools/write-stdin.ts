import * as z from "zod";
import type { OrchestratorLimits } from "../orchestrator-defaults.js";
import { untilAborted } from "../sessions/until-aborted.js";
import { reportCommand } from "./command-report.js";
import type { ToolDefinition } from "./tool-definition.js";

interface WriteStdinArguments {
  commandId: string;
  text: string;
  close: boolean;
  yieldMs?: number;
}

export function writeStdin(limits: OrchestratorLimits): ToolDefinition<WriteStdinArguments> {
  return {
    name: "write_stdin",
    description: [
      "Sends text to a running command's standard input and waits for what it writes; with no text, only waits.",
      "Returns the output since the last report, and the exit when it has ended.",
      'For input, the command must have been started with `stdin: "pipe"` or `tty: true`.',
    ].join(" "),
    schema: z.strictObject({
      commandId: z.string().min(1).max(200).describe("As exec_command returned it."),
      text: z.string().default("").describe("Sent as it is; end a line with \\n."),
      close: z.boolean().default(false).describe("Ends standard input after the text."),
      yieldMs: z
        .int()
        .min(0)
        .max(limits.shellMaxTimeoutMs)
        .optional()
        .describe(`How long to wait for output or the end. Default ${limits.writeYieldMs}.`),
    }),
    // A command holds its lease until it is left running, and reading its output changes nothing.
    lease: "none",
    plan: (args) => async (context) => {
      const startedAt = performance.now();
      const { session, signal } = context;
      const running = await context.commands.find(args.commandId, session, limits.outputBufferBytes, { signal });
      const sends = args.text !== "" || args.close;
      if (args.text !== "") await running.command.write(args.text, { signal });
      if (args.close) await running.command.closeStdin({ signal });
      const yieldMs = args.yieldMs ?? limits.writeYieldMs;
      const wait = sends ? running.waitForAnswer(yieldMs) : running.waitForEnd(yieldMs);
      await untilAborted(
        wait.then(() => undefined),
        signal,
        "while it waited for output",
        "running",
      );
      const report = reportCommand(running, limits.toolResultBytes, performance.now() - startedAt);
      if (running.result !== undefined) context.commands.remove(running);
      return report;
    },
  };
}
