import { closeSync, readdirSync, readFileSync } from "node:fs";

const closeOnExec = 0o2000000;

/**
 * Closes what whoever started the tests left open in us. The resident helper keeps such descriptors from commands; a plain shell
 * has no means to, so that they would be taken for a leak of ours.
 */
export function closeInheritedDescriptors(): void {
  for (const name of readdirSync("/proc/self/fd")) {
    const descriptor = Number(name);
    if (descriptor > 2 && !flagsOf(descriptor, closeOnExec)) closeSync(descriptor);
  }
}

/** Whether the descriptor has the flag; one that is gone meanwhile has all of them. */
function flagsOf(descriptor: number, flag: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, "latin1"))?.[1] ?? "";
    return (Number.parseInt(flags, 8) & flag) !== 0;
  } catch {
    return true;
  }
}
