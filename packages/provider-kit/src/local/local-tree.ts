import { lstat, opendir, readlink } from "node:fs/promises";
import { join } from "node:path";
import type { Ignore } from "ignore";
import type { CopyCounter } from "./copy-progress.js";

/** One thing in a local tree, with its path under the tree's top, `/` between names. */
export interface LocalEntry {
  readonly path: string;
  readonly absolutePath: string;
  readonly type: "file" | "directory" | "symlink";
  readonly sizeBytes: number;
  readonly mode: number;
  readonly modifiedAtMs: number;
  readonly target?: string;
}

/** Everything under a directory, parents first, sorted by name. What cannot be copied goes to the counter's `skipped`. */
export async function localTree(
  top: string,
  ignored: Ignore,
  counter: CopyCounter,
  signal: AbortSignal | undefined,
): Promise<LocalEntry[]> {
  const entries: LocalEntry[] = [];
  const pending = [""];
  for (let parent = pending.pop(); parent !== undefined; parent = pending.pop()) {
    signal?.throwIfAborted();
    const names: string[] = [];
    for await (const entry of await opendir(join(top, parent))) names.push(entry.name);
    const directories: string[] = [];
    for (const name of names.toSorted()) {
      const path = parent === "" ? name : `${parent}/${name}`;
      const found = await localEntry(top, path);
      if (found === undefined) {
        counter.skipped.push({ path, reason: "it is neither a file, a directory nor a link" });
        continue;
      }
      if (ignored.ignores(found.type === "directory" ? `${path}/` : path)) continue;
      entries.push(found);
      if (found.type === "directory") directories.push(path);
    }
    pending.push(...directories.toReversed());
  }
  return entries;
}

async function localEntry(top: string, path: string): Promise<LocalEntry | undefined> {
  const absolutePath = join(top, path);
  const status = await lstat(absolutePath);
  const common = {
    path,
    absolutePath,
    mode: status.mode & 0o777,
    modifiedAtMs: status.mtimeMs,
  };
  if (status.isDirectory()) return { ...common, type: "directory", sizeBytes: 0 };
  if (status.isFile()) return { ...common, type: "file", sizeBytes: status.size };
  if (status.isSymbolicLink()) {
    return { ...common, type: "symlink", sizeBytes: 0, target: await readlink(absolutePath) };
  }
  return undefined;
}
