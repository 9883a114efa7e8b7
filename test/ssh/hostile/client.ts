// A client of hostile servers, in a process of its own: what it holds can be measured, and its home be looked at.
// Arguments: the servers, the host key's fingerprint, the private key, the directory over there; standard output: a line of JSON for each server.
import { cwd } from "node:process";
import process from "node:process";
import type { RemoteRunnerSession } from "@mooring/api";
import { ssh, type SshConfig } from "@mooring/ssh";
import { Findings } from "../findings.js";
import { everyCall, judged } from "./every-call.js";
import { MemoryWatch } from "./memory-watch.js";

export interface HostileResult {
  readonly name: string;
  readonly violations: readonly string[];
  readonly calls: number;
  readonly slowestMs: number;
  readonly grownBytes: number;
  /** Whether a session came about. */
  readonly opened: boolean;
}

interface Server {
  readonly name: string;
  readonly port: number;
}

const [servers = "[]", hostKey = "", identityFile = "", root = ""] = process.argv.slice(2);
const findingsOfAll: string[] = [];
process.on("unhandledRejection", (error) => findingsOfAll.push(`nobody handled ${String(error)}`));
process.on("uncaughtException", (error) => findingsOfAll.push(`nobody caught ${String(error.stack)}`));

for (const server of JSON.parse(servers) as Server[]) {
  process.stdout.write(`${JSON.stringify(await meet(server))}\n`);
}
process.exit(0);

async function meet({ name, port }: Server): Promise<HostileResult> {
  const findings = new Findings();
  const memory = new MemoryWatch();
  const config: SshConfig = {
    host: "127.0.0.1",
    port,
    user: "anybody",
    root,
    identityFile,
    identityAgent: "none",
    hostKey,
    configFile: false,
    connectTimeoutMs: 1_500,
    keepaliveIntervalMs: 300,
    leaseMs: 1_500,
  };
  const destination = { id: name, providerId: "ssh", config, defaultManifest: { entries: [], mounts: [] } };
  const signal = AbortSignal.timeout(6_000);
  const opened = await judged(
    findings,
    "createSession",
    () => ssh({ idleConnectionMs: 50 }).createSession(destination, { signal }),
    12_000,
  );
  if (opened !== undefined) await everyCall(opened as RemoteRunnerSession, findings, cwd());
  const grownBytes = memory.stop();
  return {
    name,
    violations: [...findings.violations, ...findingsOfAll.splice(0)],
    calls: findings.calls,
    slowestMs: Math.round(findings.slowestMs),
    grownBytes,
    opened: opened !== undefined,
  };
}
