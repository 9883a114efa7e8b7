import type { RunnerCommandRequest, RunnerCommandResult, RunnerOutput } from "@mooring/api";
import type { ResolvedDestination } from "../destinations/resolved-destination.js";
import { printJson } from "../output/write.js";
import { type ExitOutcome, outcomeOf } from "./exit-outcome.js";
import { pumpInput } from "./pump-input.js";
import { withCommand } from "./with-command.js";

/** Runs a command and prints one JSON object about it when it has ended; its output is kept as far as it is not too long. */
export async function runCaptured(run: {
  readonly resolved: ResolvedDestination;
  readonly request: RunnerCommandRequest;
  readonly input: boolean;
  readonly confine: boolean;
}): Promise<ExitOutcome> {
  const { resolved, confine } = run;
  const request: RunnerCommandRequest = {
    ...run.request,
    output: "retain",
    stdin: run.input ? "pipe" : "none",
  };
  return await withCommand(resolved, request, { confine }, async (command) => {
    if (run.input) void pumpInput(process.stdin, command).catch(() => {});
    const result = await command.result();
    const outcome = outcomeOf(result, request.timeoutMs);
    await printJson(resultJson(result, outcome));
    return { exitCode: outcome.exitCode };
  });
}

function resultJson(result: RunnerCommandResult, outcome: ExitOutcome) {
  return {
    commandId: result.commandId,
    exit: result.exit,
    reason: result.reason,
    exitCode: outcome.exitCode,
    ...(outcome.message === undefined ? {} : { message: outcome.message }),
    stdout: outputJson(result.stdout),
    stderr: outputJson(result.stderr),
    startedAtMs: result.startedAtMs,
    durationMs: result.durationMs,
  };
}

/** Text where all of it is UTF-8; `base64` beside it where it is not, so that nothing is lost. */
function outputJson(output: RunnerOutput) {
  const text = output.text();
  const isExact = !output.truncated && Buffer.from(output.bytes).equals(Buffer.from(text));
  return {
    text,
    ...(isExact ? {} : { base64: output.bytes }),
    totalBytes: output.totalBytes,
    droppedBytes: output.droppedBytes,
  };
}
