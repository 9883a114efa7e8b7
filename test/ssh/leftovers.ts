import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { commandLineOf } from "../support/sshd/processes.js";
import type { Sshd } from "../support/sshd/sshd.js";
import type { Login } from "../support/sshd/testbed.js";
import type { Findings } from "./findings.js";

/** Descriptors of this process. */
export function descriptorCount(): number {
  return readdirSync("/proc/self/fd").length;
}

/**
 * Notes what a suite left behind once that had time to go: connections and processes over there, temporary files and state of sessions,
 * descriptors here beyond those there were.
 */
export async function noteLeftovers(
  findings: Findings,
  place: { readonly sshd: Sshd; readonly login: Login; readonly descriptorsBefore: number },
  withinMs = 15_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const left = leftovers(place);
    if (left.length === 0) return;
    if (performance.now() > deadline) {
      findings.violation(`left behind: ${left.join("; ")}`);
      return;
    }
    await delay(50);
  }
}

function leftovers({
  sshd,
  login,
  descriptorsBefore,
}: {
  readonly sshd: Sshd;
  readonly login: Login;
  readonly descriptorsBefore: number;
}): string[] {
  const { account } = login;
  const left = account.processes().map((pid) => `process ${pid} ${commandLineOf(pid)}`);
  const connections = sshd.connections().length;
  if (connections > 0) left.push(`${connections} connections of the server`);
  for (const directory of [login.localRoot, join(account.localHome, ".local/state/mooring")]) {
    left.push(
      ...entriesOf(directory).filter((entry) => entry.startsWith(".mooring-") || directory !== login.localRoot),
    );
  }
  const more = descriptorCount() - descriptorsBefore;
  if (more > 0) left.push(`${more} descriptors here: ${openFiles().slice(-more).join(", ")}`);
  return left;
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function openFiles(): string[] {
  return readdirSync("/proc/self/fd").map((name) => {
    try {
      return `${name} ${readlinkSync(`/proc/self/fd/${name}`)}`;
    } catch {
      return name;
    }
  });
}
