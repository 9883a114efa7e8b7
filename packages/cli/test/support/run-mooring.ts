import { spawn, type SpawnOptions } from "node:child_process";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { onTestFinished } from "vitest";

/** The built command line: `npm run build` makes it. */
export const program = join(import.meta.dirname, "../../dist/main.js");

export interface Ended {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string | Uint8Array;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts the command line; `ended` tells what became of it. */
export function startMooring(args: readonly string[], options: RunOptions = {}) {
  const spawnOptions: SpawnOptions & { stdio: ["pipe", "pipe", "pipe"] } = {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  };
  const child = spawn(process.execPath, [program, ...args], spawnOptions);
  // A command that reads nothing closes the pipe before all is written.
  child.stdin.on("error", () => {});
  if (options.stdin !== undefined) child.stdin.end(options.stdin);
  // Only a test that failed leaves it running.
  onTestFinished(() => void child.kill("SIGKILL"));
  const exit = new Promise<Pick<Ended, "code" | "signal">>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  return {
    child,
    exit,
    /** Collects the output too: not for a test that reads it on its own. */
    async ended(): Promise<Ended> {
      const [stdout, stderr, end] = await Promise.all([buffer(child.stdout), buffer(child.stderr), exit]);
      return { ...end, stdout, stderr: stderr.toString() };
    },
  };
}

/** Runs the command line to its end, with nothing on standard input unless given. */
export async function runMooring(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return await startMooring(args, { stdin: "", ...options }).ended();
}
