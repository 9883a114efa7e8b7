import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** The kernel's name for it, at most 15 characters. */
  readonly name: string;
  readonly isZombie: boolean;
  /** In ticks since the machine began: with the number it says which process it is, as numbers are given again. */
  readonly startedAt: number;
}

/** Whether it is still there. */
export function isAlive({ pid, startedAt }: ProcessEntry): boolean {
  return readEntry(pid)?.startedAt === startedAt;
}

/** Every process of this machine, by its number. */
export function listProcesses(): ReadonlyMap<number, ProcessEntry> {
  const found = new Map<number, ProcessEntry>();
  for (const name of readdirSync("/proc")) {
    const entry = /^\d+$/.test(name) ? readEntry(Number(name)) : undefined;
    if (entry !== undefined) found.set(entry.pid, entry);
  }
  return found;
}

export function readEntry(pid: number): ProcessEntry | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  const nameEnd = stat.lastIndexOf(")");
  const fields = stat.slice(nameEnd + 2).split(" ");
  const [state, parent] = fields;
  if (parent === undefined || parent === "") return undefined;
  const name = stat.slice(stat.indexOf("(") + 1, nameEnd);
  return { pid, parent: Number(parent), name, isZombie: state === "Z", startedAt: Number(fields[19]) };
}

/** The process's living descendants, nearest first. */
export function descendantsOf(pid: number, processes = listProcesses()): ProcessEntry[] {
  const found: ProcessEntry[] = [];
  let parents = new Set([pid]);
  while (parents.size > 0) {
    const children = [...processes.values()].filter(({ parent, isZombie }) => parents.has(parent) && !isZombie);
    found.push(...children);
    parents = new Set(children.map((child) => child.pid));
  }
  return found;
}

/** Living processes of a user who is nobody else's. */
export function processesOfUser(uid: number): number[] {
  return [...listProcesses().values()]
    .filter(({ pid, isZombie }) => !isZombie && ownerOf(pid) === uid)
    .map(({ pid }) => pid);
}

/** Living processes with this assignment in the environment that they were started with. */
export function processesWithVariable(assignment: string): number[] {
  return [...listProcesses().values()]
    .filter(
      ({ pid, isZombie }) => !isZombie && `\0${readIfThere(`/proc/${pid}/environ`)}`.includes(`\0${assignment}\0`),
    )
    .map(({ pid }) => pid);
}

/** Kills one process, if it is still there. */
export function killProcess(pid: number, signal: NodeJS.Signals = "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}

export function commandLineOf(pid: number): string {
  return readIfThere(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
}

function ownerOf(pid: number): number | undefined {
  const uid = /^Uid:\t(\d+)/m.exec(readIfThere(`/proc/${pid}/status`))?.[1];
  return uid === undefined ? undefined : Number(uid);
}

/** Of a process that ended between two looks there is nothing to read. */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
