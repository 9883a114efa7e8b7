import { readdirSync, readlinkSync } from "node:fs";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";

/** What this process holds: its descriptors, and by kind what keeps its event loop going. */
export interface HeldResources {
  readonly descriptors: number;
  readonly active: ReadonlyMap<string, number>;
}

export function heldResources(): HeldResources {
  const active = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) active.set(kind, (active.get(kind) ?? 0) + 1);
  return { descriptors: readdirSync("/proc/self/fd").length, active };
}

/** What is held beyond what was, once that had time to be let go of: closing takes a few turns of the event loop. */
export async function resourcesBeyond(before: HeldResources, withinMs = 5_000): Promise<string[]> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const now = heldResources();
    const more: string[] = [];
    if (now.descriptors > before.descriptors) {
      more.push(`${now.descriptors - before.descriptors} descriptors (${openFiles().slice(-8).join(", ")})`);
    }
    for (const [kind, count] of now.active) {
      const extra = count - (before.active.get(kind) ?? 0);
      // What reads a file or a directory for somebody else comes and goes.
      if (extra > 0 && !/Req/.test(kind)) more.push(`${extra} ${kind}`);
    }
    if (more.length === 0 || performance.now() > deadline) return more;
    await delay(25);
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
