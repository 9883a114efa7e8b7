import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { RemoteRunnerSession, RunnerDestination } from "@mooring/api";
import { unixLocal } from "@mooring/unix-local";

/** A real provider over a temporary directory, with what it records beside it; both are removed at the end. */
export async function localPlace(): Promise<
  AsyncDisposable & { provider: ReturnType<typeof unixLocal>; destination: RunnerDestination<{ root: string }> }
> {
  const directory = await mkdtemp(join(tmpdir(), "mooring-conformance-"));
  const root = join(directory, "workspace");
  await mkdir(root);
  const stateHome = process.env["XDG_STATE_HOME"];
  process.env["XDG_STATE_HOME"] = join(directory, "state");
  return {
    provider: unixLocal(),
    destination: {
      id: "here",
      providerId: "unix-local",
      config: { root },
      defaultManifest: { entries: [], mounts: [] },
    },
    async [Symbol.asyncDispose]() {
      if (stateHome === undefined) delete process.env["XDG_STATE_HOME"];
      else process.env["XDG_STATE_HOME"] = stateHome;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Kills the process of ours that serves a session: the ancestor of its commands that is our own child. */
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
