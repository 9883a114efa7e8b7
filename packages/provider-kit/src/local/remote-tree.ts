import { type RestrictedSession, RunnerError, type RunnerFileInfo } from "@mooring/api";
import type { LocalEntry } from "./local-tree.js";

/** What is there already, by path under the directory. */
export type RemoteTree = ReadonlyMap<string, RunnerFileInfo>;

/** A place that holds so much more than what is to be copied is not looked through: copying is cheaper. */
const mostForeignEntries = 5_000;
const mostEntriesPerLocalOne = 4;

/** More levels than any path can have. */
const anyDepth = 4_096;

/** A listing of the far side that goes on while the local tree is read. */
export class RemoteListing {
  /** `undefined` where there is no directory, or none that may be listed. */
  readonly tree: Promise<RemoteTree | undefined>;
  #most = Number.POSITIVE_INFINITY;

  constructor(
    session: Pick<RestrictedSession, "files">,
    path: string,
    patterns: readonly string[],
    signal: AbortSignal | undefined,
  ) {
    this.tree = this.#read(session, path, { exclude: patterns.filter(isPlain), ...(signal && { signal }) }).catch(
      (error: unknown) => {
        // Whatever is wrong with the place, what writes there says it better.
        if (RunnerError.is(error) || signal?.aborted === true) return undefined;
        throw error;
      },
    );
    // It is waited for later, or not at all when the local tree cannot be read.
    this.tree.catch(() => undefined);
  }

  /** How much the local tree holds: tells how long it is worth looking. */
  expect(entries: number): void {
    this.#most = mostForeignEntries + mostEntriesPerLocalOne * entries;
  }

  /** Nobody wants it any more. */
  stop(): void {
    this.#most = -1;
  }

  async #read(
    session: Pick<RestrictedSession, "files">,
    path: string,
    options: { readonly exclude: readonly string[]; readonly signal?: AbortSignal },
  ): Promise<RemoteTree | undefined> {
    const { signal } = options;
    const top = session.files.stat(path, signal && { signal });
    const found: RunnerFileInfo[] = [];
    const listed = this.#list(session, path, options, found);
    const [{ path: base, type }] = await Promise.all([top, listed]);
    if (type !== "directory") return undefined;
    const prefix = base.endsWith("/") ? base : `${base}/`;
    const tree = new Map<string, RunnerFileInfo>();
    for (const info of found) if (info.path.startsWith(prefix)) tree.set(info.path.slice(prefix.length), info);
    return tree;
  }

  async #list(
    session: Pick<RestrictedSession, "files">,
    path: string,
    options: { readonly exclude: readonly string[]; readonly signal?: AbortSignal },
    found: RunnerFileInfo[],
  ): Promise<void> {
    for await (const info of session.files.list(path, { ...options, depth: anyDepth })) {
      if (info.pathBytes === undefined) found.push(info);
      if (found.length > this.#most) return;
    }
  }
}

/**
 * Patterns that mean the same, or more, to a listing. What they leave out of it is copied, if it is here at all: so none of
 * them can do harm.
 */
function isPlain(pattern: string): boolean {
  return /^[\w.*-]+$/.test(pattern) && !/\*\*/.test(pattern);
}

/** Whether a copy would make nothing else of it, as far as can be told without reading contents. */
function isUnchanged(entry: LocalEntry, remote: RunnerFileInfo | undefined): boolean {
  if (remote === undefined || remote.type !== entry.type) return false;
  if (entry.type === "symlink") {
    // What is no UTF-8 looks the same when it is not.
    return remote.symlinkTarget === entry.target && entry.target?.includes("\uFFFD") === false;
  }
  if (remote.mode !== entry.mode || remote.modifiedAtMs !== entry.modifiedAtMs) return false;
  return entry.type === "directory" || remote.sizeBytes === entry.sizeBytes;
}

/** What of a tree has to be copied. A directory goes with what changes in it, as that changes its time. */
export function changedEntries(entries: readonly LocalEntry[], remote: RemoteTree): LocalEntry[] {
  const changed = entries.filter((entry) => !isUnchanged(entry, remote.get(entry.path)));
  const touched = new Set(changed.map(({ path }) => path.slice(0, Math.max(path.lastIndexOf("/"), 0))));
  const wanted = new Set(changed);
  return entries.filter((entry) => wanted.has(entry) || (entry.type === "directory" && touched.has(entry.path)));
}
