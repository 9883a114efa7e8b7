import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
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
    sever: killOwner,
    kill: async (pid) => {
      process.kill(pid, "SIGKILL");
    },
    owner,
    ownerArguments: ["--conditions=@mooring/source", "--import", "tsx"],
    leaseMs,
  };
}

/** Kills what serves a session, be it the resident helper or the shell in its place: its number is in the session's state. */
async function killOwner(session: RemoteRunnerSession): Promise<void> {
  const base = join(process.env["XDG_STATE_HOME"] ?? "", "mooring");
  const name = createHash("sha256").update(session.id).digest("hex").slice(0, 32);
  const owner = await readFile(join(base, name, "owner"), "latin1").catch(() =>
    readFile(join(base, "shell", name, "owner"), "latin1"),
  );
  process.kill(Number.parseInt(owner, 10), "SIGKILL");
}
