import type { RunnerCommand, RunnerCommandRequest } from "@mooring/api";
import type { ResolvedDestination } from "../destinations/resolved-destination.js";
import { rawTerminal } from "../terminal/raw-terminal.js";
import { followTerminalSize, terminalSize } from "../terminal/terminal-size.js";
import { type ExitOutcome, outcomeOf } from "./exit-outcome.js";
import { pumpInput } from "./pump-input.js";
import { pumpOutput } from "./pump-output.js";
import { unblockTerminals } from "./unblock-terminal.js";
import { withCommand } from "./with-command.js";

/** A command of a person's own, and how it is connected to this process. */
export interface RemoteRun {
  readonly resolved: ResolvedDestination;
  readonly request: RunnerCommandRequest;
  /** Runs it on a terminal of our terminal's size. */
  readonly tty: boolean;
  /** Carries our standard input to it. */
  readonly input: boolean;
  readonly confine: boolean;
}

/** What a command gets whose reader went away, as in a local pipeline. */
const brokenPipe: ExitOutcome = { exitCode: 141 };

/** Runs a command with our standard streams and signals as its own, and tells what to exit with. */
export async function runConnected(run: RemoteRun): Promise<ExitOutcome> {
  const request: RunnerCommandRequest = {
    ...run.request,
    output: "stream",
    stdin: run.input ? "pipe" : "none",
    ...(run.tty ? { pty: terminalSize() } : {}),
  };
  return await withCommand(run.resolved, request, { confine: run.confine }, async (command) => {
    const terminal = run.tty ? rawTerminal() : undefined;
    const unfollow = run.tty ? followTerminalSize(command) : undefined;
    try {
      if (run.input) void pumpInput(process.stdin, command).catch(() => {});
      return await outcome(command, request.timeoutMs);
    } finally {
      unfollow?.();
      terminal?.restore();
    }
  });
}

/** Copies what a command writes to our own streams until it has ended. */
export async function outcome(
  command: Pick<RunnerCommand, "stdout" | "stderr" | "cancel" | "result">,
  timeoutMs?: number,
): Promise<ExitOutcome> {
  unblockTerminals();
  const [stdout] = await Promise.all([
    pumpOutput(command.stdout, process.stdout).then(async (end) => {
      // Nobody reads on: a local command would get SIGPIPE at its next write.
      if (end === "reader-gone") await command.cancel();
      return end;
    }),
    pumpOutput(command.stderr, process.stderr),
  ]);
  const result = await command.result();
  if (stdout === "reader-gone" && result.reason === "cancelled") return brokenPipe;
  return outcomeOf(result, timeoutMs);
}
