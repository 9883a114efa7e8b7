import type { RunnerFileInfo, RunnerListing } from "@mooring/api";
import type { MemoryDirectory, MemoryNode } from "./memory-tree.js";
import { pathFields } from "./text-bytes.js";

/** What the contract says of a node. */
export function infoOf(path: string, node: MemoryNode): RunnerFileInfo {
  return {
    ...pathFields(path),
    type: node.type,
    sizeBytes: node.type === "file" ? node.contents.length : 0,
    modifiedAtMs: node.modifiedAtMs,
    mode: node.mode,
    uid: 0,
    gid: 0,
    version: node.version,
  };
}

/** A node under a start: `path` is absolute, `below` starts at the start. */
export interface MemoryWalkEntry {
  readonly path: string;
  readonly below: string;
  readonly node: MemoryNode;
}

/** Everything under a directory, each directory's entries in the order of their names' bytes. */
export function* walk(
  directory: MemoryDirectory,
  start: string,
  options: { readonly depth: number; enters(entry: MemoryWalkEntry): boolean },
  below = "",
): Generator<MemoryWalkEntry> {
  if (options.depth < 1) return;
  const names = [...directory.entries.keys()].sort();
  for (const name of names) {
    const node = directory.entries.get(name) as MemoryNode;
    const entry = {
      path: `${start === "/" ? "" : start}/${name}`,
      below: below === "" ? name : `${below}/${name}`,
      node,
    };
    if (!options.enters(entry)) continue;
    yield entry;
    if (node.type !== "directory") continue;
    yield* walk(node, entry.path, { ...options, depth: options.depth - 1 }, entry.below);
  }
}

/** A listing over what `produce` yields, cut short at `limit`. */
export function listing<Item>(limit: number | undefined, produce: () => Iterable<Item>): RunnerListing<Item> {
  let truncated = false;
  return {
    get truncated() {
      return truncated;
    },
    async *[Symbol.asyncIterator]() {
      truncated = false;
      let count = 0;
      for (const item of produce()) {
        if (count === limit) {
          truncated = true;
          return;
        }
        count += 1;
        yield item;
      }
    },
  };
}
