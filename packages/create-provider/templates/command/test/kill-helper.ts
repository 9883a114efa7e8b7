import { readFile } from "node:fs/promises";
import process from "node:process";
import type { RemoteRunnerSession } from "@mooring/api";

/**
 * Breaks what ties a session to its place, as a fault would: kills the command that serves it. That is the ancestor of the
 * session's commands which is our own child. Where commands run on another machine, kill your connection instead.
 */
export async function killHelper(session: RemoteRunnerSession): Promise<void> {
  const command = await session.commands.start({ script: "sleep 60" });
  let pid = command.pid ?? 0;
  for (let parent = await parentOf(pid); parent !== process.pid; parent = await parentOf(pid)) pid = parent;
  process.kill(pid, "SIGKILL");
}

async function parentOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}
