import { posix } from "node:path";
import { RunnerError, type Text } from "@mooring/api";
import { textBytes } from "../text/text-bytes.js";

/** Where a view of a session may go. */
export interface PathScope {
  readonly workspace: string;
  readonly readRoots: readonly string[];
  /** Whether the view is the session's own scope, so that the far side's own check is all there is to do. */
  readonly isWhole: boolean;
}

/** Whether an absolute path is the root or lies in it, by its spelling alone. */
export function isWithin(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith("/") ? root : `${root}/`);
}

/**
 * A path within a scope, absolute and without `..`, or `path_escape`. It judges the spelling; symbolic links are the far
 * side's to judge, against the session's own roots.
 */
export function scopedPath(scope: PathScope, path: Text, access: "read" | "write", option: string): Text {
  if (scope.isWhole) return path;
  // Latin1 carries any byte there and back, so that names which are no UTF-8 pass.
  const text = Buffer.from(textBytes(path, option)).toString("latin1");
  const workspace = latin1(scope.workspace);
  const absolute = text.startsWith("/") ? posix.normalize(text) : posix.normalize(`${workspace}/${text}`);
  const roots = access === "read" ? [workspace, ...scope.readRoots.map(latin1)] : [workspace];
  if (!roots.some((root) => isWithin(root, absolute.replace(/(.)\/$/, "$1")))) {
    throw new RunnerError("path_escape", `\`${option}\` leaves the workspace of this view`, {
      resource: "file",
      retryable: false,
      phase: "before_start",
      details: { path: Buffer.from(text, "latin1").toString("utf8") },
    });
  }
  return Buffer.from(absolute, "latin1");
}

function latin1(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
