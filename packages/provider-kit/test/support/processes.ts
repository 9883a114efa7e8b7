import { readFileSync } from "node:fs";

/** Of a helper that does nothing, those that wait for what to execute: the children of its spawner's supervisors. */
export function waitingChildrenOf(helper: number): number[] {
  return childrenOf(helper).flatMap(childrenOf).flatMap(childrenOf);
}

export function childrenOf(pid: number | undefined): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").split(" ").filter(Boolean).map(Number);
}

/** Whether it runs: one that has ended, and that nobody has waited for yet, does not. */
export function isAlive(pid: number | undefined): boolean {
  try {
    return !/^\d+ \(.*\) [ZX] /s.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}
