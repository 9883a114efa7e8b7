import { isWithin, parentOf } from "./path-bytes.js";

export interface MemoryFile {
  readonly type: "file";
  readonly contents: Uint8Array;
  readonly mode: number;
  readonly modifiedAtMs: number;
  /** Never used twice, so that whatever replaces a file differs from what it was. */
  readonly version: string;
}

export interface MemoryDirectory {
  readonly type: "directory";
  readonly mode: number;
  readonly modifiedAtMs: number;
  readonly version: string;
}

export type MemoryNode = MemoryFile | MemoryDirectory;

/** A place's files: nodes by their absolute, normal paths. Nothing here awaits, so each change is one step for everybody. */
export class MemoryTree {
  readonly #nodes = new Map<string, MemoryNode>();
  #versions = 0;

  constructor() {
    this.putDirectory("/");
  }

  get(path: string): MemoryNode | undefined {
    return this.#nodes.get(path);
  }

  putFile(path: string, contents: Uint8Array, mode = 0o644): MemoryFile {
    const file: MemoryFile = { type: "file", contents, mode, modifiedAtMs: Date.now(), version: this.#nextVersion() };
    this.#nodes.set(path, file);
    return file;
  }

  putDirectory(path: string, mode = 0o755): void {
    this.#nodes.set(path, { type: "directory", mode, modifiedAtMs: Date.now(), version: this.#nextVersion() });
  }

  /** Makes a directory with its parents, and returns the paths that it made; a file in the way stays, and is returned as `blocker`. */
  ensureDirectory(path: string): { readonly made: readonly string[]; readonly blocker?: string } {
    const missing: string[] = [];
    for (let at = path; ; at = parentOf(at)) {
      const node = this.#nodes.get(at);
      if (node?.type === "file") return { made: [], blocker: at };
      if (node !== undefined) break;
      missing.unshift(at);
    }
    for (const directory of missing) this.putDirectory(directory);
    return { made: missing };
  }

  /** What lies under a directory, at any depth: a directory comes before what is in it, and names are in the order of their bytes. */
  under(directory: string): readonly (readonly [string, MemoryNode])[] {
    // A slash sorts as the lowest of bytes, so that `a/b` comes between `a` and `a-b`.
    const order = (path: string) => path.replaceAll("/", "\0");
    return [...this.#nodes]
      .filter(([path]) => path !== directory && isWithin(path, directory))
      .sort(([a], [b]) => (order(a) < order(b) ? -1 : 1));
  }

  /** A path with all that is under it. */
  remove(path: string): void {
    for (const [at] of this.under(path)) this.#nodes.delete(at);
    this.#nodes.delete(path);
  }

  /** Moves a path with all that is under it, onto what is at `to`. */
  move(from: string, to: string): void {
    const moved = this.#subtree(from);
    this.remove(from);
    this.remove(to);
    for (const [at, node] of moved) this.#nodes.set(to + at.slice(from.length), node);
  }

  /** Copies a path with all that is under it. The copies have versions of their own. */
  copy(from: string, to: string): void {
    for (const [at, node] of this.#subtree(from)) {
      const target = to + at.slice(from.length);
      if (node.type === "file") this.putFile(target, node.contents, node.mode);
      else this.putDirectory(target, node.mode);
    }
  }

  #subtree(path: string): readonly (readonly [string, MemoryNode])[] {
    const node = this.#nodes.get(path);
    return node === undefined ? [] : [[path, node], ...this.under(path)];
  }

  #nextVersion(): string {
    this.#versions += 1;
    return String(this.#versions);
  }
}
