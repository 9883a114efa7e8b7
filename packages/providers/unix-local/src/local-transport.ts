import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import type { Readable, Writable } from "node:stream";
import { RunnerError } from "@mooring/api";
import { errnoError, type RunnerTransport, type TransportExit, type TransportProcess } from "@mooring/provider-kit";

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Child processes of ours. The machine is there before and after: nothing is made, and nothing has to be removed. */
export function localTransport(env: Readonly<Record<string, string>>): RunnerTransport {
  const running = new Set<TransportProcess>();
  return {
    providerState: {},
    channel: {
      kind: "bytes",
      async spawn(argv, options = {}) {
        const started = await startChild(argv, env, options.signal);
        running.add(started);
        void started.exited.then(() => running.delete(started));
        return started;
      },
    },
    directUrl: (port) => `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const child of running) child.kill();
    },
  };
}

async function startChild(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<TransportProcess> {
  const [program = "", ...args] = argv;
  if (signal?.aborted === true) {
    throw new RunnerError("cancelled", `Starting ${program} was cancelled by its signal`, {
      phase: "before_start",
      retryable: false,
      cause: signal.reason,
    });
  }
  // `detached` makes it the leader of a session of its own: signals of our terminal do not reach it.
  const child = spawn(program, args, { cwd: "/", detached: true, env: { ...env }, stdio: ["pipe", "pipe", "pipe"] });
  const exited = new Promise<TransportExit>((resolve) => {
    child.once("exit", (code, exitSignal) => resolve({ code, signal: exitSignal }));
    child.once("error", () => resolve({ code: null, signal: null }));
  });
  if (child.pid === undefined) throw await spawnError(child, program);
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exited,
    kill: () => killGroup(child),
  };
}

async function spawnError(child: Child, program: string): Promise<RunnerError> {
  const [cause] = (await once(child, "error")) as [NodeJS.ErrnoException];
  return errnoError(cause.code ?? "EIO", `${program} could not be started: ${cause.message}`, {
    phase: "before_start",
    cause,
  });
}

function killGroup(child: Child): void {
  // Once it was waited for, its number may be another's.
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
