import type { Text } from "@mooring/api";
import { failure } from "./failure.js";
import { findNode, type MemoryDirectory, type MemoryPlace } from "./memory-tree.js";
import { binaryOf, pathFields } from "./text-bytes.js";

/** Which roots a view of the tree has. All absolute and normal, a character for each byte. */
export interface MemoryRoots {
  readonly workspace: string;
  readonly readRoots: readonly string[];
  readonly writeRoots: readonly string[];
}

export type MemoryAccess = "read" | "write";

/** Resolves a caller's path beneath its roots. Nothing is awaited, so nothing can change in between. */
export function resolvePath(
  tree: MemoryDirectory,
  roots: MemoryRoots,
  path: Text,
  access: MemoryAccess,
  operation: string,
): MemoryPlace {
  const given = binaryOf(path);
  const shown = pathFields(given).path;
  if (given === "" || given.includes("\0")) {
    throw failure(
      "invalid_request",
      `Expected \`path\` to be a path that is not empty and has no NUL byte, got ${JSON.stringify(shown)}`,
      { operation, resource: "file" },
    );
  }
  const root = given.startsWith("/") ? rootOf(roots, given, access) : roots.workspace;
  if (root === undefined) throw escape(shown, operation);
  const below = given.startsWith("/") ? given.slice(root.length) : given;
  const names: string[] = [];
  for (const part of below.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (names.length === 0) throw escape(shown, operation);
      requireDirectory(tree, join(root, names), shown, operation);
      names.pop();
    } else {
      names.push(part);
    }
  }
  const absolute = join(root, names);
  const name = absolute.slice(absolute.lastIndexOf("/") + 1);
  const parentPath = absolute.slice(0, absolute.lastIndexOf("/"));
  const parent = findNode(tree, parentPath);
  if (parent?.type !== "directory") {
    throw failure("not_found", `No such file or directory: ${shown}`, {
      operation,
      resource: "file",
      details: { path: shown },
    });
  }
  return { path: absolute, parent, name, node: findNode(tree, absolute) };
}

/** The root that an absolute path lies in, by whole names: `/root-evil` is not in `/root`. */
function rootOf(roots: MemoryRoots, path: string, access: MemoryAccess): string | undefined {
  const allowed = [roots.workspace, ...roots.writeRoots, ...(access === "read" ? roots.readRoots : [])];
  return allowed.find((root) => isWithin(path, root));
}

export function isWithin(path: string, root: string): boolean {
  return path === root || path.startsWith(root === "/" ? "/" : `${root}/`);
}

function join(root: string, names: readonly string[]): string {
  if (names.length === 0) return root;
  return `${root === "/" ? "" : root}/${names.join("/")}`;
}

function requireDirectory(tree: MemoryDirectory, path: string, shown: string, operation: string): void {
  if (findNode(tree, path)?.type === "directory") return;
  throw failure("not_found", `No such file or directory: ${shown}`, {
    operation,
    resource: "file",
    details: { path: shown },
  });
}

function escape(shown: string, operation: string) {
  return failure("path_escape", `${shown} leaves the roots it must stay in`, {
    operation,
    resource: "file",
    details: { path: shown },
  });
}
