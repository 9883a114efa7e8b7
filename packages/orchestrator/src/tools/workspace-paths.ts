import { posix } from "node:path";
import { describeValue, RunnerError } from "@mooring/api";

/** In characters. A model can make up longer ones, which take minutes to be normalised. */
const longestPath = 4_096;

/**
 * The paths that a thread's tools may name. They are checked by their spelling alone, before anything is done; the
 * session checks again, against the links that lie there.
 */
export class WorkspacePaths {
  readonly #workspaces: readonly string[];
  readonly #readRoots: readonly string[];

  /** @param workspaces every absolute spelling of the workspace: as it was bound, and without symbolic links */
  constructor(workspaces: readonly string[], readRoots: readonly string[]) {
    this.#workspaces = workspaces.map(withoutTrailingSlash);
    this.#readRoots = readRoots.map(withoutTrailingSlash);
  }

  /** A path to write to or to work in, relative to the workspace. Rejects with `path_escape` anywhere else. */
  writable(path: string, field: string): string {
    const inside = this.#inWorkspace(normalise(path, field));
    if (inside !== undefined) return inside;
    const hint = this.#isReadable(path, field) ? "a read root can only be read" : "it lies outside";
    throw escape(`Expected \`${field}\` to lie in the workspace, got ${describeValue(path)}: ${hint}`, path);
  }

  /** A path to read: relative to the workspace, or absolute in a read root. Rejects with `path_escape` anywhere else. */
  readable(path: string, field: string): string {
    const normal = normalise(path, field);
    const inside = this.#inWorkspace(normal);
    if (inside !== undefined) return inside;
    if (this.#isReadable(path, field)) return normal;
    const roots = this.#readRoots.length === 0 ? "" : ` or in a read root (${this.#readRoots.join(", ")})`;
    throw escape(`Expected \`${field}\` to lie in the workspace${roots}, got ${describeValue(path)}`, path);
  }

  /** A path of the session as a model should see it: relative where it lies in the workspace. */
  display(path: string): string {
    return this.#inWorkspace(path) ?? path;
  }

  #inWorkspace(path: string): string | undefined {
    if (!path.startsWith("/")) return isBelow(path) ? path : undefined;
    const workspace = this.#workspaces.find((root) => isIn(path, root));
    if (workspace === undefined) return undefined;
    return posix.relative(workspace, path) || ".";
  }

  #isReadable(path: string, field: string): boolean {
    const normal = normalise(path, field);
    return normal.startsWith("/") && this.#readRoots.some((root) => isIn(normal, root));
  }
}

/** Takes a spelling apart; the workspace itself is ".", also as "", "./" or in quotes. */
function normalise(given: string, field: string): string {
  const quoted = /^(["'])(.*)\1$/s.exec(given.trim());
  const path = quoted?.[2] ?? given;
  const refuse = (problem: string): RunnerError =>
    new RunnerError(
      "invalid_request",
      `Expected \`${field}\` to be a path relative to the workspace or an absolute one, got ${describeValue(given)}: ${problem}`,
      { resource: "file", retryable: false, phase: "before_start", details: { path: given.slice(0, longestPath) } },
    );
  if (path.length > longestPath) throw refuse(`it is longer than ${longestPath} characters`);
  if (path.includes("\0")) throw refuse("it has a NUL byte");
  if (path.startsWith("~")) throw refuse(`home directories are not known here; a file of that name is "./${path}"`);
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(path)?.[1];
  if (scheme !== undefined) throw refuse(`"${scheme}:" is no path; a file of that name is "./${path}"`);
  return withoutTrailingSlash(posix.normalize(path));
}

function withoutTrailingSlash(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}

function isBelow(relative: string): boolean {
  return relative !== ".." && !relative.startsWith("../");
}

function isIn(path: string, root: string): boolean {
  return path === root || path.startsWith(root === "/" ? "/" : `${root}/`);
}

function escape(message: string, path: string): RunnerError {
  return new RunnerError("path_escape", message, {
    resource: "file",
    retryable: false,
    phase: "before_start",
    details: { path: path.slice(0, longestPath) },
  });
}
