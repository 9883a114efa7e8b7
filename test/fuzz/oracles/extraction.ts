import { posix } from "node:path";
import { requireThat } from "./violation.js";

interface Admitted {
  readonly name: string;
  readonly type: string;
  readonly mode: number;
  readonly target: string;
}

/**
 * Unpacks in thought, as a `tar` that follows what it finds would: fails when a name or a link leads out of the directory, or
 * when an entry would be written through a link.
 */
export function requireInside(admitted: readonly unknown[]): void {
  const links = new Map<string, string>();
  for (const entry of admitted.filter(isEntry)) {
    const name = posix.normalize(entry.name).replace(/\/$/, "");
    requireThat(isBelow(name) && !entry.name.includes("\0"), () => `An entry outside: ${entry.name}`);
    requireThat((entry.mode & ~0o777) === 0, () => `An entry with the mode ${entry.mode.toString(8)}`);
    for (let parent = posix.dirname(name); parent !== "."; parent = posix.dirname(parent)) {
      requireThat(!links.has(parent), () => `An entry through the link ${parent}: ${entry.name}`);
    }
    if (entry.type === "symlink") {
      const target = posix.join(posix.dirname(name), entry.target);
      requireThat(
        !entry.target.startsWith("/") && isBelow(target),
        () => `A link outside: ${entry.name} -> ${entry.target}`,
      );
      links.set(name, entry.target);
    } else {
      if (entry.type === "hardlink") {
        const target = posix.normalize(entry.target);
        requireThat(isBelow(target) && !target.startsWith("/"), () => `A hard link outside: ${entry.target}`);
        requireThat(!links.has(target), () => `A hard link to a link: ${entry.target}`);
      }
      links.delete(name);
    }
  }
}

function isBelow(name: string): boolean {
  return !name.startsWith("/") && name !== ".." && !name.startsWith("../");
}

function isEntry(value: unknown): value is Admitted {
  return typeof value === "object" && value !== null && "name" in value && "type" in value;
}
