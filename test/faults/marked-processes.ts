import { readdirSync, readFileSync } from "node:fs";
import { markVariable } from "./places/place.js";

const freshMs = 40;

/** Living processes by the mark in their environment. One look serves all who ask at about the same time. */
export class MarkedProcesses {
  #lookedAt = -Infinity;
  #found = new Map<string, number[]>();

  of(mark: string): readonly number[] {
    if (performance.now() - this.#lookedAt > freshMs) this.#look();
    return this.#found.get(mark) ?? [];
  }

  #look(): void {
    const found = new Map<string, number[]>();
    for (const name of readdirSync("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      const mark = markOf(name);
      if (mark === undefined) continue;
      const pids = found.get(mark);
      if (pids === undefined) found.set(mark, [Number(name)]);
      else pids.push(Number(name));
    }
    this.#found = found;
    this.#lookedAt = performance.now();
  }
}

/** Of a process that has gone, or is a zombie, nothing is left to read. */
function markOf(pid: string): string | undefined {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, "latin1");
    const at = environment.indexOf(`${markVariable}=`);
    if (at === -1) return undefined;
    const end = environment.indexOf("\0", at);
    return environment.slice(at + markVariable.length + 1, end === -1 ? undefined : end);
  } catch {
    return undefined;
  }
}

/** For a report: what the process was started as. */
export function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ").slice(0, 120);
  } catch {
    return "gone";
  }
}
