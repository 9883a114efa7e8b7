import * as z from "zod";
import type { RunnerSignalName } from "@mooring/api";
import type { OrchestratorLimits } from "../orchestrator-defaults.js";
import { reportCommand } from "./command-report.js";
import type { ToolDefinition } from "./tool-definition.js";

const signalNames = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGKILL", "SIGTERM", "SIGUSR1", "SIGUSR2"] as const;

interface KillArguments {
  commandId: string;
  signal?: RunnerSignalName;
}

export function killCommand(limits: OrchestratorLimits): ToolDefinition<KillArguments> {
  return {
    name: "kill_command",
    description:
      "Ends a running command with everything it started, gently first; with `signal` only sends it that signal, such as SIGINT.",
    schema: z.strictObject({
      commandId: z.string().min(1).max(200).describe("As exec_command returned it."),
      signal: z.enum(signalNames).optional().describe("Send this instead of ending it."),
    }),
    lease: "none",
    plan: (args) => async (context) => {
      const startedAt = performance.now();
      const options = { signal: context.signal };
      const running = await context.commands.find(args.commandId, context.session, limits.outputBufferBytes, options);
      const waitMs = limits.cancelGraceMs;
      if (args.signal !== undefined) {
        await running.command.signal(args.signal, options);
        await running.waitForEnd(waitMs, context.signal);
        const report = reportCommand(running, limits.toolResultBytes, performance.now() - startedAt);
        if (running.result !== undefined) context.commands.remove(running);
        return report;
      }
      const ending = await running.command.cancel({ graceMs: limits.cancelGraceMs, ...options });
      await running.waitForEnd(waitMs, context.signal);
      const { cancelled, survivors, confirmed } = ending;
      const notes = [
        ...(cancelled ? [] : ["It had ended already."]),
        ...(survivors.length === 0 ? [] : [`Processes that live on: ${survivors.join(", ")}.`]),
        ...(confirmed ? [] : ["The far side did not confirm that nothing lives on."]),
      ];
      const waitedMs = performance.now() - startedAt;
      const report = reportCommand(running, limits.toolResultBytes, waitedMs, notes);
      if (running.result !== undefined) context.commands.remove(running);
      const killed = { cancelled, survivors: [...survivors], confirmed };
      return {
        ...report,
        data: { ...report.data, ...killed },
        facts: { ...report.facts, ...killed },
      };
    },
  };
}
