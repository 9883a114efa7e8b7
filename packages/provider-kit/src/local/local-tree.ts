import { lstat, lstatSync, type Stats } from "node:fs";
import { readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import type { Ignore } from "ignore";
import type { CopyCounter } from "./copy-progress.js";
import type { DiskPace } from "./disk-pace.js";

/** One thing in a local tree, with its path under the tree's top, `/` between names. */
export interface LocalEntry {
  readonly path: string;
  readonly absolutePath: string;
  readonly type: "file" | "directory" | "symlink";
  readonly sizeBytes: number;
  readonly mode: number;
  /** Whole: what is finer is not carried, and so not compared. */
  readonly modifiedAtMs: number;
  readonly target?: string;
}

/** How many directories, and how many files of each, are looked at at the same time. */
const directoriesAtOnce = 8;
const filesAtOnce = 64;

/** Everything under a directory, parents first, sorted by name. What cannot be copied goes to the counter's `skipped`. */
export async function localTree(
  top: string,
  ignored: Ignore,
  counter: CopyCounter,
  pace: DiskPace,
  signal: AbortSignal | undefined,
): Promise<LocalEntry[]> {
  const found = new Map<string, readonly LocalEntry[]>();
  const pending = [""];
  while (pending.length > 0) {
    signal?.throwIfAborted();
    const parents = pending.splice(0, directoriesAtOnce);
    const listed = await Promise.all(parents.map((parent) => entriesOf(top, parent, ignored, counter, pace)));
    for (const [index, entries] of listed.entries()) {
      found.set(parents[index] ?? "", entries);
      for (const { type, path } of entries) if (type === "directory") pending.push(path);
    }
  }
  return inOrder(found);
}

function inOrder(found: ReadonlyMap<string, readonly LocalEntry[]>): LocalEntry[] {
  const entries: LocalEntry[] = [];
  const pending = [""];
  for (let parent = pending.pop(); parent !== undefined; parent = pending.pop()) {
    const inside = found.get(parent) ?? [];
    entries.push(...inside);
    for (const { type, path } of inside.toReversed()) if (type === "directory") pending.push(path);
  }
  return entries;
}

async function entriesOf(
  top: string,
  parent: string,
  ignored: Ignore,
  counter: CopyCounter,
  pace: DiskPace,
): Promise<LocalEntry[]> {
  const names = (await readdir(join(top, parent))).toSorted();
  const entries: LocalEntry[] = [];
  for (let at = 0; at < names.length; at += filesAtOnce) {
    const paths = names.slice(at, at + filesAtOnce).map((name) => (parent === "" ? name : `${parent}/${name}`));
    await pace.pause();
    const found = await Promise.all(paths.map((path) => localEntry(top, path, pace)));
    for (const [index, entry] of found.entries()) {
      const path = paths[index] ?? "";
      if (entry === undefined) {
        counter.skipped.push({ path, reason: "it is neither a file, a directory nor a link" });
      } else if (!ignored.ignores(entry.type === "directory" ? `${path}/` : path)) entries.push(entry);
    }
  }
  return entries;
}

async function localEntry(top: string, path: string, pace: DiskPace): Promise<LocalEntry | undefined> {
  const absolutePath = join(top, path);
  const status = pace.isSlow ? await statusOf(absolutePath) : pace.atOnce(() => lstatSync(absolutePath));
  const common = {
    path,
    absolutePath,
    mode: status.mode & 0o777,
    modifiedAtMs: Math.floor(status.mtimeMs),
  };
  if (status.isDirectory()) return { ...common, type: "directory", sizeBytes: 0 };
  if (status.isFile()) return { ...common, type: "file", sizeBytes: status.size };
  if (status.isSymbolicLink()) {
    return { ...common, type: "symlink", sizeBytes: 0, target: await readlink(absolutePath) };
  }
  return undefined;
}

/** By callback, which costs half of what the promise does. */
function statusOf(path: string): Promise<Stats> {
  return new Promise((resolve, reject) => {
    lstat(path, (error, status) => (error === null ? resolve(status) : reject(error)));
  });
}
