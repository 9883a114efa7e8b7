import { failure } from "./failure.js";

export interface MemoryFile {
  readonly type: "file";
  contents: Uint8Array;
  mode: number;
  modifiedAtMs: number;
  version: string;
}

export interface MemoryDirectory {
  readonly type: "directory";
  /** By the names' bytes, a character each. */
  readonly entries: Map<string, MemoryNode>;
  mode: number;
  modifiedAtMs: number;
  version: string;
}

export type MemoryNode = MemoryFile | MemoryDirectory;

/** Where a path leads: its directory, its name in there, and what is there now. */
export interface MemoryPlace {
  /** Absolute and normal, a character for each byte. */
  readonly path: string;
  readonly parent: MemoryDirectory;
  readonly name: string;
  readonly node: MemoryNode | undefined;
}

let lastVersion = 0;

/** Versions are never used twice in one process, so a replaced file differs from whatever it was before. */
function nextVersion(): string {
  lastVersion += 1;
  return `memory-${lastVersion}`;
}

export function makeFile(contents: Uint8Array, mode = 0o644): MemoryFile {
  return { type: "file", contents, mode, modifiedAtMs: Date.now(), version: nextVersion() };
}

export function makeDirectory(mode = 0o755): MemoryDirectory {
  return {
    type: "directory",
    entries: new Map(),
    mode,
    modifiedAtMs: Date.now(),
    version: nextVersion(),
  };
}

/** The directory at an absolute path, made with its parents where it is missing. */
export function ensureDirectory(root: MemoryDirectory, path: string): MemoryDirectory {
  let current = root;
  for (const name of path.split("/").filter((part) => part !== "" && part !== ".")) {
    let next = current.entries.get(name);
    if (next === undefined) {
      next = makeDirectory();
      current.entries.set(name, next);
    }
    if (next.type !== "directory") {
      throw failure("already_exists", `${path} needs a directory, and ${name} is a file`, {
        resource: "file",
      });
    }
    current = next;
  }
  return current;
}

/** The node at an absolute, normal path, if there is one. */
export function findNode(root: MemoryDirectory, path: string): MemoryNode | undefined {
  let current: MemoryNode = root;
  for (const name of path.split("/").filter((part) => part !== "")) {
    if (current.type !== "directory") return undefined;
    const next: MemoryNode | undefined = current.entries.get(name);
    if (next === undefined) return undefined;
    current = next;
  }
  return current;
}

/** A deep copy with new versions; contents are copied, so that no two files share bytes. */
export function copyNode(node: MemoryNode): MemoryNode {
  if (node.type === "file") return makeFile(node.contents.slice(), node.mode);
  const copy = makeDirectory(node.mode);
  for (const [name, child] of node.entries) copy.entries.set(name, copyNode(child));
  return copy;
}
