import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** Living processes (no zombies) whose command line contains the text. */
export function processesWith(text: string): number[] {
  const found: number[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    try {
      if (!readFileSync(`/proc/${name}/cmdline`, "latin1").includes(text)) continue;
      const status = readFileSync(`/proc/${name}/stat`, "latin1");
      if (status.slice(status.lastIndexOf(")") + 2, status.lastIndexOf(")") + 3) !== "Z") found.push(Number(name));
    } catch {
      // Gone in between.
    }
  }
  return found;
}

/** Waits until none of these processes lives, or fails with those that do. */
export async function untilGone(find: () => number[], withinMs = 5000): Promise<void> {
  const alive = (): number[] =>
    find().filter((pid) => {
      try {
        return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
      } catch {
        return false;
      }
    });
  const deadline = Date.now() + withinMs;
  // A process that changes its number all the time is missed by many a look.
  for (let missed = 0; missed < 10;) {
    const found = alive();
    missed = found.length === 0 ? missed + 1 : 0;
    if (Date.now() > deadline) throw new Error(`still alive: ${found.join(" ")}`);
    await delay(3);
  }
}
