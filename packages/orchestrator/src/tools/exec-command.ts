import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { RemoteRunnerSession, RunnerCommandRequest, RunnerCommandTarget } from "@mooring/api";
import { RunningCommand } from "../commands/running-command.js";
import type { OrchestratorLimits } from "../orchestrator-defaults.js";
import { linkedAbort } from "./linked-abort.js";
import { reportCommand } from "./command-report.js";
import { invalid, unsupported } from "./invalid.js";
import type { ToolContext, ToolDefinition, ToolOutcome } from "./tool-definition.js";
import { cancelledError } from "../sessions/until-aborted.js";

const noNul = (text: string): boolean => !text.includes("\0");
const text = z.string().refine(noNul, "expected a string without NUL bytes");
const terminalSize = { columns: 120, rows: 40 } as const;

interface ExecArguments {
  command?: string;
  program?: string;
  args?: string[];
  cwd: string;
  env: Record<string, string>;
  input?: string;
  stdin: "none" | "pipe";
  tty: boolean;
  background: boolean;
  timeoutMs?: number;
  yieldMs?: number;
}

export function execCommand(limits: OrchestratorLimits): ToolDefinition<ExecArguments> {
  const maxTimeoutMs = Math.min(limits.shellMaxTimeoutMs, limits.remoteExecMaxTimeoutMs);
  return {
    name: "exec_command",
    description: [
      "Runs a command in the workspace: `command` is a line for /bin/sh, or `program` with `args` is run as it is, with no shell in between.",
      "Returns the exit code and both output streams; of long output the head and the tail.",
      "A command that still runs after `yieldMs` is left running: its id is returned, to be used with write_stdin (which also waits for more output) and kill_command.",
      "Start servers with `background: true`: they then have no time limit.",
    ].join(" "),
    schema: z.strictObject({
      command: text.min(1).optional().describe("A shell command line. Instead of `program`."),
      program: text.min(1).optional().describe("A program's name or path. Instead of `command`."),
      args: z.array(text).optional().describe("Arguments of `program`, passed on as they are."),
      cwd: z.string().default(".").describe("Directory to run in, in the workspace."),
      env: z
        .record(z.string().regex(/^[^=\0]+$/, "expected names without = and NUL"), text)
        .default({})
        .describe("Variables to add to the environment."),
      input: z.string().optional().describe("Text for standard input, which then ends."),
      stdin: z.enum(["none", "pipe"]).default("none").describe("`pipe` keeps standard input open for write_stdin."),
      tty: z.boolean().default(false).describe("Runs it on a terminal, for interactive programs."),
      background: z
        .boolean()
        .default(false)
        .describe("Meant to run on after this call, with no time limit unless `timeoutMs` is given."),
      timeoutMs: z
        .int()
        .min(1)
        .max(maxTimeoutMs)
        .optional()
        .describe(`After this the command is ended. Default ${limits.shellTimeoutMs}.`),
      yieldMs: z
        .int()
        .min(0)
        .max(maxTimeoutMs)
        .optional()
        .describe(
          `How long to wait for its end. Default ${limits.execYieldMs}, in the background ${limits.backgroundYieldMs}.`,
        ),
    }),
    lease: "exclusive",
    plan(args, paths) {
      const target = targetOf(args);
      if (args.input !== undefined && (args.stdin === "pipe" || args.tty)) {
        throw invalid('Expected `input` without `stdin: "pipe"` and `tty`: it ends standard input');
      }
      const cwd = paths.writable(args.cwd, "cwd");
      return (context) => run(args, target, cwd, context);
    },
  };
}

function targetOf(args: ExecArguments): RunnerCommandTarget {
  if (args.command !== undefined && args.program === undefined && args.args === undefined) {
    return { script: args.command };
  }
  if (args.program !== undefined && args.command === undefined) {
    return { program: args.program, args: args.args ?? [] };
  }
  const given = (["command", "program", "args"] as const).filter((name) => args[name] !== undefined);
  throw invalid(
    `Expected either \`command\`, or \`program\` with or without \`args\`, got ${given.length === 0 ? "none of them" : given.join(" and ")}`,
  );
}

async function run(
  args: ExecArguments,
  target: RunnerCommandTarget,
  cwd: string,
  context: ToolContext,
): Promise<ToolOutcome> {
  const { session, limits } = context;
  assertCapable(args, session);
  const startedAt = performance.now();
  const timeoutMs = timeoutOf(args, context);
  const request: RunnerCommandRequest = {
    ...target,
    // Ours, not the model's: it must be new in the session, and fit for a path or an address.
    commandId: `cmd-${randomUUID().slice(0, 13)}`,
    cwd,
    env: args.env,
    stdin: stdinOf(args),
    maxOutputBytes: limits.outputBufferBytes,
    graceMs: limits.cancelGraceMs,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(args.tty ? { pty: terminalSize } : {}),
  };
  const running = await startAndWait(request, args, context);
  if (running.result === undefined) context.commands.add(running);
  return reportCommand(
    running,
    limits.toolResultBytes,
    performance.now() - startedAt,
    running.result === undefined ? runningNotes(timeoutMs) : [],
  );
}

async function startAndWait(
  request: RunnerCommandRequest,
  args: ExecArguments,
  { session, limits, signal }: ToolContext,
): Promise<RunningCommand> {
  // The call's signal governs the command until the command is left running on its own.
  const life = linkedAbort(signal);
  try {
    const command = await session.commands.start(request, { signal: life.signal });
    const running = new RunningCommand(command, limits.outputBufferBytes);
    const defaultYieldMs = args.background ? limits.backgroundYieldMs : limits.execYieldMs;
    await running.waitForEnd(args.yieldMs ?? defaultYieldMs, signal);
    if (signal?.aborted !== true) return running;
    // The session cancels it by the same signal; its end is awaited so that the workspace is quiet again.
    await running.waitForEnd(2 * limits.cancelGraceMs);
    throw cancelledError("and its command with it", signal, "running");
  } finally {
    life.unlink();
  }
}

function timeoutOf(args: ExecArguments, context: ToolContext): number | undefined {
  // A background command is meant to outlive the turn, so the turn's deadline is not its own.
  if (args.background) return args.timeoutMs;
  return context.commandTimeoutMs(args.timeoutMs ?? context.limits.shellTimeoutMs);
}

function stdinOf(args: ExecArguments): "none" | "pipe" | { text: string } {
  if (args.input !== undefined) return { text: args.input };
  return args.tty ? "pipe" : args.stdin;
}

function runningNotes(timeoutMs: number | undefined): string[] {
  const next = "Use write_stdin with its id to wait for more output, kill_command to end it.";
  return timeoutMs === undefined ? [next] : [next, `It will be ended ${timeoutMs} ms after its start.`];
}

function assertCapable(args: ExecArguments, session: RemoteRunnerSession): void {
  const { commands } = session.capabilities;
  const lacks = (what: string): Error =>
    unsupported(`This destination has no ${what}`, "commands.start", session.providerId);
  if (commands.output === "none") throw lacks("commands");
  if (args.tty && commands.pty === "none") throw lacks("terminal (`tty`)");
  if (args.stdin === "pipe" && commands.stdin === "none") throw lacks("open standard input (`stdin`)");
}
