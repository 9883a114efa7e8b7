import { spawn } from "node:child_process";
import process from "node:process";
import type { RemoteRunnerProvider, RunnerDestination } from "@mooring/api";
import * as z from "zod";
import {
  defineProvider,
  residentHelperCapabilities,
  type RunnerTransport,
  type TransportExit,
} from "../../src/index.js";

const configSchema = z.strictObject({ root: z.string() });

/** This machine, through a channel of either kind, whose ports cannot be reached directly. */
export function childProvider(kind: "bytes" | "text", stateHome: string): RemoteRunnerProvider<{ root: string }> {
  const transport = (): RunnerTransport => ({
    providerState: {},
    channel: {
      kind,
      async spawn([program = "", ...args]) {
        const child = spawn(program, args, {
          detached: true,
          env: { ...process.env, XDG_STATE_HOME: stateHome },
          stdio: ["pipe", "pipe", "pipe"],
        });
        const exited = new Promise<TransportExit>((resolve) => {
          child.once("exit", (code, signal) => resolve({ code, signal }));
        });
        return {
          stdin: child.stdin,
          stdout: child.stdout,
          stderr: child.stderr,
          exited,
          kill: () => void child.kill("SIGKILL"),
        };
      },
    },
    async [Symbol.asyncDispose]() {},
  });
  return defineProvider<{ root: string }>({
    id: "child",
    configSchema,
    capabilities: residentHelperCapabilities,
    defaultWorkspace: ({ root }) => root,
    environment: () => ({ PATH: process.env["PATH"] ?? "" }),
    create: async () => transport(),
    attach: async () => transport(),
  });
}

export function childDestination(root: string): RunnerDestination<{ root: string }> {
  return { id: "child", providerId: "child", config: { root }, defaultManifest: { entries: [], mounts: [] } };
}
