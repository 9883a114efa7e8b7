import type { Text } from "@mooring/api";
import { failure, throwIfAborted } from "./failure.js";
import { isWithin, keyOf, parentOf, shown } from "./path-bytes.js";
import type { MemoryDirectory, MemoryFile, MemoryNode, MemoryTree } from "./tree.js";

/** Which directories a view of the tree opens. All absolute and normal. */
export interface MemoryRoots {
  readonly workspace: string;
  readonly readRoots: readonly string[];
  readonly writeRoots: readonly string[];
}

/** Where a path leads, and what is there now. */
export interface MemoryPlace {
  readonly path: string;
  readonly node: MemoryNode | undefined;
}

/** A tree through its roots. A place is valid until the next `await`: use it in the same step. */
export class FileView {
  readonly tree: MemoryTree;
  readonly roots: MemoryRoots;
  readonly #readOnly: boolean;
  readonly #requireAlive: (operation: string) => void;

  constructor(
    tree: MemoryTree,
    roots: MemoryRoots,
    options: { readonly readOnly: boolean; readonly requireAlive: (operation: string) => void },
  ) {
    this.tree = tree;
    this.roots = roots;
    this.#readOnly = options.readOnly;
    this.#requireAlive = options.requireAlive;
  }

  /** What every call begins with: `cancelled` when its signal is aborted, `ended` when the session is over. */
  begin(operation: string, signal: AbortSignal | undefined): void {
    throwIfAborted(signal, operation);
    this.#requireAlive(operation);
  }

  /** Where a path leads for reading. Its parent must be there. */
  place(path: Text, operation: string): MemoryPlace {
    const { workspace, writeRoots, readRoots } = this.roots;
    return this.#resolve(path, [workspace, ...writeRoots, ...readRoots], operation);
  }

  /** Where a path leads for writing: under fewer roots, and nowhere in a view that only reads. */
  target(path: Text, operation: string): MemoryPlace {
    if (this.#readOnly) {
      throw failure("permission_denied", `${operation} is refused: this view only reads`, {
        operation,
        resource: "file",
      });
    }
    return this.#resolve(path, [this.roots.workspace, ...this.roots.writeRoots], operation);
  }

  fileAt(path: Text, operation: string): { readonly path: string; readonly node: MemoryFile } {
    const found = present(this.place(path, operation), operation);
    if (found.node.type === "file") return { path: found.path, node: found.node };
    throw wrong(`Expected a regular file, ${shown(found.path)} is a directory`, operation);
  }

  directoryAt(path: Text, operation: string): { readonly path: string; readonly node: MemoryDirectory } {
    const found = present(this.place(path, operation), operation);
    if (found.node.type === "directory") return { path: found.path, node: found.node };
    throw wrong(`Expected a directory, ${shown(found.path)} is a file`, operation);
  }

  #resolve(path: Text, roots: readonly string[], operation: string): MemoryPlace {
    const key = keyOf(path);
    if (key === "" || key.includes("\0")) {
      throw wrong(
        `Expected \`path\` to be a path that is not empty and has no NUL byte, got ${JSON.stringify(shown(key))}`,
        operation,
      );
    }
    const root = key.startsWith("/") ? roots.find((candidate) => isWithin(key, candidate)) : this.roots.workspace;
    if (root === undefined) throw escape(key, operation);
    let at = root;
    for (const name of key.slice(key.startsWith("/") ? root.length : 0).split("/")) {
      if (name === "" || name === ".") continue;
      // A name is looked up in what is there, as a kernel does: `missing/..` is not the same as nothing.
      if (this.tree.get(at)?.type !== "directory") throw missing(key, operation);
      if (name !== "..") at = at === "/" ? `/${name}` : `${at}/${name}`;
      else if (at === root) throw escape(key, operation);
      else at = parentOf(at);
    }
    return { path: at, node: this.tree.get(at) };
  }
}

/** The place, or `not_found` when nothing is there. */
export function present(place: MemoryPlace, operation: string): { readonly path: string; readonly node: MemoryNode } {
  if (place.node === undefined) throw missing(place.path, operation);
  return { path: place.path, node: place.node };
}

/** A request that is wrong in itself. */
export function wrong(message: string, operation: string, cause?: unknown) {
  return failure("invalid_request", message, { operation, resource: "file", cause });
}

export function taken(path: string, operation: string) {
  return failure("already_exists", `${shown(path)} is there already`, {
    operation,
    resource: "file",
    details: { path: shown(path) },
  });
}

function missing(path: string, operation: string) {
  return failure("not_found", `No such file or directory: ${shown(path)}`, {
    operation,
    resource: "file",
    details: { path: shown(path) },
  });
}

function escape(path: string, operation: string) {
  return failure("path_escape", `${shown(path)} leaves the roots it must stay in`, {
    operation,
    resource: "file",
    details: { path: shown(path) },
  });
}
