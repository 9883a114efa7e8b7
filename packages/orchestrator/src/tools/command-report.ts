import type { JsonObject, RunnerCommandExit, RunnerCommandResult } from "@mooring/api";
import type { RunningCommand } from "../commands/running-command.js";
import type { BoundedText, LeftOut } from "./output-window.js";
import type { ToolOutcome } from "./tool-definition.js";

/** Room for the lines around the output. */
const frameBytes = 512;

/** What came of a command since it was last told of, and whether it still runs. */
export function reportCommand(
  running: RunningCommand,
  maxBytes: number,
  waitedMs: number,
  notes: readonly string[] = [],
): ToolOutcome {
  const result = running.result;
  const { stdout, stderr } = running.takeOutput(Math.max(maxBytes - frameBytes, frameBytes));
  const { commandId } = running;
  const facts: JsonObject = {
    commandId,
    state: result === undefined ? "running" : "ended",
    ...(result === undefined ? {} : endOf(result)),
    stdoutBytes: stdout.totalBytes,
    stderrBytes: stderr.totalBytes,
  };
  const head =
    result === undefined
      ? `Command ${commandId} is still running after ${Math.round(waitedMs)} ms.`
      : `Command ${commandId} ${describeEnd(result)} after ${Math.round(result.durationMs)} ms.`;
  return {
    content: [head, ...notes, ...section("stdout", stdout), ...section("stderr", stderr)].join("\n"),
    data: { ...facts, pid: running.command.pid, stdout: toJson(stdout), stderr: toJson(stderr) },
    truncated: sum(stdout.leftOut, stderr.leftOut),
    facts,
  };
}

function endOf(result: RunnerCommandResult): JsonObject {
  return {
    exit: { ...result.exit },
    exitCode: result.exit.kind === "code" ? result.exit.code : null,
    reason: result.reason,
    durationMs: result.durationMs,
  };
}

function describeEnd({ exit, reason }: RunnerCommandResult): string {
  const why = {
    exited: "",
    timeout: " at its time limit",
    cancelled: " when it was cancelled",
    closed: " with the session",
    disconnected: " when the connection was lost",
    out_of_memory: " for lack of memory",
  }[reason];
  return `${describeExit(exit)}${why}`;
}

function describeExit(exit: RunnerCommandExit): string {
  switch (exit.kind) {
    case "code":
      return `exited with code ${exit.code}`;
    case "signal":
      return `was ended by ${exit.signal}`;
    case "unknown":
      return `ended, it is not known how (${exit.detail})`;
  }
}

function section(name: string, output: BoundedText): string[] {
  return output.totalBytes === 0 ? [] : [`--- ${name} (${output.totalBytes} bytes)`, output.text];
}

function toJson({ text, totalBytes, leftOut }: BoundedText): JsonObject {
  return { text, totalBytes, leftOut: leftOut === null ? null : { ...leftOut } };
}

function sum(first: LeftOut | null, second: LeftOut | null): LeftOut | null {
  if (first === null || second === null) return first ?? second;
  return {
    bytes: first.bytes + second.bytes,
    lines: first.lines === null || second.lines === null ? null : first.lines + second.lines,
  };
}
