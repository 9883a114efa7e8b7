import { readFileSync } from "node:fs";

/** Of a helper that does nothing, those that wait for what to execute: the children of its spawner's supervisors. */
export function waitingChildrenOf(helper: number): number[] {
  return childrenOf(helper).flatMap(childrenOf).flatMap(childrenOf);
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").split(" ").filter(Boolean).map(Number);
}
