import { spawn } from "node:child_process";
import process from "node:process";
import { RunnerError } from "@mooring/api";
import type { RunnerTransport, TransportExit } from "@mooring/provider-kit";

/** This machine, by child processes, each a session leader. */
export function childTransport(kind: "bytes" | "text", env: Readonly<Record<string, string>>): RunnerTransport {
  return {
    providerState: {},
    channel: {
      kind,
      async spawn([program = "", ...args]) {
        const child = spawn(program, args, { cwd: "/", detached: true, env, stdio: ["pipe", "pipe", "pipe"] });
        await new Promise<void>((resolve, reject) => {
          child.once("spawn", resolve);
          child.once("error", (cause: NodeJS.ErrnoException) =>
            reject(
              new RunnerError(
                cause.code === "ENOENT" ? "not_found" : "unavailable",
                `No ${program}: ${cause.message}`,
                {
                  cause,
                },
              ),
            ),
          );
        });
        const exited = new Promise<TransportExit>((resolve) => {
          child.once("exit", (code, signal) => resolve({ code, signal }));
        });
        return {
          stdin: child.stdin,
          stdout: child.stdout,
          stderr: child.stderr,
          exited,
          kill() {
            if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
            try {
              process.kill(-child.pid, "SIGKILL");
            } catch {
              // It has ended meanwhile.
            }
          },
        };
      },
    },
    pause: () => Promise.resolve(),
    destroy: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
