import { readFile } from "node:fs/promises";
import process from "node:process";
import type { RemoteRunnerSession } from "@mooring/api";
import type { ProviderFacts } from "@mooring/conformance";
import type { UnixLocalConfig } from "../src/index.js";

/**
 * What only somebody on this machine can do: kill what serves a session, kill any process, own sessions in a process of its own.
 * The lease is for those owners' sessions alone: ours must not be lost when the machine is busy for a second.
 */
export function placeFacts(
  config: UnixLocalConfig,
  leaseMs = 1_000,
): Pick<ProviderFacts<UnixLocalConfig>, "sever" | "kill" | "owner" | "ownerArguments" | "leaseMs"> {
  const owner = new URL("fixtures/conformance-owner.ts", import.meta.url);
  owner.searchParams.set("config", JSON.stringify({ ...config, leaseMs }));
  return {
    sever: killHelper,
    kill: async (pid) => {
      process.kill(pid, "SIGKILL");
    },
    owner,
    ownerArguments: ["--conditions=@mooring/source", "--import", "tsx"],
    leaseMs,
  };
}

/** Kills the process of ours that serves a session: the ancestor of its commands that is our own child. */
export async function killHelper(session: RemoteRunnerSession): Promise<void> {
  const running = (await session.commands.list()).find(({ pid, state }) => pid !== null && state === "running");
  let pid = running?.pid ?? (await session.commands.start({ script: "sleep 60" })).pid ?? 0;
  for (let parent = await parentOf(pid); parent !== process.pid; parent = await parentOf(pid)) pid = parent;
  process.kill(pid, "SIGKILL");
}

async function parentOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}
