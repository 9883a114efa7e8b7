import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import type { Readable, Writable } from "node:stream";
import { RunnerError } from "@mooring/api";
import { errnoError, type TransportExit, type TransportProcess } from "@mooring/provider-kit";
import { commandEnvironment } from "./environment.js";

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts a process here. Rejects with `unavailable` when its program is not there: then the place cannot be reached. */
export async function startProcess(
  argv: readonly string[],
  signal: AbortSignal | undefined,
): Promise<TransportProcess> {
  const [program = "", ...args] = argv;
  if (signal?.aborted === true) throw cancelled(program, signal);
  // `detached` makes it the leader of a session of its own: a Ctrl-C in our terminal does not reach it.
  const child = spawn(program, args, {
    cwd: "/",
    detached: true,
    env: commandEnvironment(),
    stdio: ["pipe", "pipe", "pipe"],
  });
  const exited = new Promise<TransportExit>((resolve) => {
    child.once("exit", (code, exitSignal) => resolve({ code, signal: exitSignal }));
    child.once("error", () => resolve({ code: null, signal: null }));
  });
  if (child.pid === undefined) throw await startError(child, program);
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exited,
    kill: () => killGroup(child),
  };
}

function cancelled(program: string, signal: AbortSignal): RunnerError {
  return new RunnerError("cancelled", `Starting ${program} was cancelled by its signal`, {
    phase: "before_start",
    retryable: false,
    cause: signal.reason,
  });
}

async function startError(child: Child, program: string): Promise<RunnerError> {
  const [cause] = (await once(child, "error")) as [NodeJS.ErrnoException];
  const message = `\`command\` could not be started: ${program}: ${cause.message}`;
  if (cause.code === "ENOENT" || cause.code === "EACCES") {
    return new RunnerError("unavailable", message, { phase: "before_start", retryable: false, cause });
  }
  return errnoError(cause.code ?? "EIO", message, { phase: "before_start", cause });
}

/** Ends what runs here; over there the helper sees the end of its input, and ends what it started. */
function killGroup(child: Child): void {
  // Once it was waited for, its number may be another's.
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
