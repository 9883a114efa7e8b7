import { randomBytes } from "node:crypto";
import { RunnerError } from "@mooring/api";
import { cancelledError } from "../async/abort.js";
import { within } from "../async/within.js";
import type { NormalizedCommand } from "../commands/normalize-request.js";
import type { TransportProcess } from "../transport.js";
import { CommandStreams } from "./command-streams.js";
import { MarkedStream } from "./marked-stream.js";
import { scriptOf } from "./shell-call.js";
import { ShellCommand } from "./shell-command.js";
import type { ShellControl } from "./shell-control.js";
import { executeSource, type InheritedEnvironment, mergedEnvironment, searchPath } from "./shell-environment.js";
import { shellFailure } from "./shell-failure.js";
import type { ShellPlace, ShellTools } from "./shell-place.js";
import { shown, type ShellRoots } from "./shell-roots.js";
import { assignments, latin1, positional, sourceLine } from "./shell-source.js";
import { spawnScript } from "./spawn-script.js";

/** What a session's commands share. */
export interface ShellCommandContext {
  readonly place: ShellPlace;
  readonly tools: ShellTools;
  readonly roots: ShellRoots;
  readonly control: ShellControl;
  readonly env: ReadonlyMap<string, string>;
  readonly inherited: InheritedEnvironment;
}

const operation = "commands.start";

/**
 * Starts one command. A shell goes to its directory, finds its program and says its process group; only when that is noted, so that
 * nothing can be left behind, is it sent the environment and becomes the command.
 */
export async function startShellCommand(
  context: ShellCommandContext,
  command: NormalizedCommand,
  signal: AbortSignal | undefined,
): Promise<ShellCommand> {
  const { place, tools, control } = context;
  const environment = mergedEnvironment(context.env, command.env);
  const redirections = `${command.stdin.kind === "none" ? "</dev/null" : ""}${command.stderr === "merge" ? " 2>&1" : ""}`;
  const execute = executeSource(
    environment,
    tools,
    latin1(command.argv[0] ?? Buffer.alloc(0)),
    redirections,
    context.inherited,
  );
  const nonce = randomBytes(16).toString("hex");
  const values = startSource(context, command, nonce, searchPath(environment, context.inherited));
  const process = await spawnScript(place, scriptOf("10-resolve", "command"), operation, signal);
  const streams = new CommandStreams(process);
  const abort = () => process.kill();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    if (isAborted(signal)) throw abandoned(process, signal);
    const ready = readiness(process, streams, nonce, command);
    process.stdin.write(sourceLine(values, place.fullBlock));
    const { pid, group, start } = await within(place.openTimeoutMs, ready, undefined)
      .then((found) => found ?? Promise.reject(silent(process, place.openTimeoutMs)))
      .catch((error: unknown) => {
        throw isAborted(signal) ? abandoned(process, signal) : error;
      });
    if (isAborted(signal)) throw abandoned(process, signal);
    const processGroup = `${group}:${start}`;
    control.add(processGroup);
    process.stdin.write(sourceLine(execute, place.fullBlock));
    return new ShellCommand({
      command,
      process,
      streams,
      control,
      pid,
      group: processGroup,
      signal,
      leaseMs: place.leaseMs,
    });
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

function startSource(
  context: ShellCommandContext,
  command: NormalizedCommand,
  nonce: string,
  search: string | undefined,
): string {
  const { roots } = context;
  const cwd = roots.locate(command.cwd ?? ".", "write", "cwd");
  return [
    assignments({
      nonce,
      access: "w",
      create: "",
      base: cwd.base,
      path: cwd.rest,
      search,
      inherits: context.inherited !== undefined,
      closes_all: context.tools.closesAll,
    }),
    roots.source,
    positional(command.argv.map(latin1)),
  ].join("; ");
}

interface Readiness {
  readonly pid: number;
  readonly group: string;
  readonly start: string;
}

/** What the shell says before it becomes the command; rejects with what was wrong with directory or program. */
function readiness(
  process: TransportProcess,
  streams: CommandStreams,
  nonce: string,
  command: NormalizedCommand,
): Promise<Readiness> {
  return new Promise((resolve, reject) => {
    const output = new MarkedStream(
      `${nonce} ready `,
      (rest) => {
        const [pid = "", group = "", , start = ""] = rest.split(" ");
        resolve({ pid: Number(pid), group, start });
      },
      (bytes) => streams.receive("stdout", bytes),
    );
    const errors = new MarkedStream(
      `${nonce} ready`,
      () => undefined,
      (bytes) => streams.receive("stderr", bytes),
    );
    process.stdout.on("data", (chunk: Buffer) => output.receive(chunk));
    process.stderr.on("data", (chunk: Buffer) => errors.receive(chunk));
    void process.exited.then(async (exit) => {
      await streams.drained();
      const program = command.argv[0] ?? Buffer.alloc(0);
      reject(
        shellFailure({
          nonce,
          exit,
          operation,
          resource: "command",
          path:
            /path_escape|ENOTDIR/.test(errors.noise) && command.cwd !== undefined
              ? shown(latin1(command.cwd))
              : shown(latin1(program)),
          stderr: errors.noise,
          unanswered: true,
        }),
      );
    });
  });
}

function abandoned(process: TransportProcess, signal: AbortSignal): RunnerError {
  process.kill();
  return cancelledError(signal, operation, "before_start");
}

function silent(process: TransportProcess, timeoutMs: number): RunnerError {
  process.kill();
  return new RunnerError("unavailable", `${operation}: its shell did not answer within ${timeoutMs} ms`, {
    operation,
    resource: "command",
    phase: "before_start",
    retryable: null,
  });
}

/** Asked anew each time: it changes while we wait. */
function isAborted(signal: AbortSignal | undefined): signal is AbortSignal {
  return signal !== undefined && signal.aborted;
}
