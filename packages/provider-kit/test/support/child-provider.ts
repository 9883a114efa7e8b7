import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import type { RemoteRunnerProvider, RunnerDestination } from "@mooring/api";
import * as z from "zod";
import {
  defineProvider,
  residentHelperCapabilities,
  type RunnerTransport,
  type TransportExit,
  type TransportProcess,
} from "../../src/index.js";

export const childSchema = z.strictObject({ root: z.string() });

/** A process of this machine, as a transport starts it. */
export function spawnChild(
  [program = "", ...args]: readonly string[],
  stateHome: string,
): { readonly child: ChildProcess; readonly process: TransportProcess } {
  const child = spawn(program, args, {
    detached: true,
    env: { ...process.env, XDG_STATE_HOME: stateHome },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const exited = new Promise<TransportExit>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  const { stdin, stdout, stderr } = child;
  return { child, process: { stdin, stdout, stderr, exited, kill: () => void child.kill("SIGKILL") } };
}

/** This machine, through a channel of either kind, whose ports cannot be reached directly. */
export function childProvider(kind: "bytes" | "text", stateHome: string): RemoteRunnerProvider<{ root: string }> {
  const transport = (): RunnerTransport => ({
    providerState: {},
    channel: {
      kind,
      spawn: async (argv) => spawnChild(argv, stateHome).process,
    },
    async [Symbol.asyncDispose]() {},
  });
  return defineProvider<{ root: string }>({
    id: "child",
    configSchema: childSchema,
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
