import { describeValue, type RunnerFileContents, type RunnerFileInfo, type RunnerFiles, type Text } from "@mooring/api";
import { failure, throwIfCancelled } from "./failure.js";
import { excluder, globExpression } from "./glob-pattern.js";
import { grepFile, lineExpression } from "./memory-grep.js";
import { type MemoryAccess, type MemoryRoots, isWithin, resolvePath } from "./memory-paths.js";
import {
  copyNode,
  ensureDirectory,
  makeDirectory,
  makeFile,
  type MemoryDirectory,
  type MemoryFile,
  type MemoryNode,
  type MemoryPlace,
} from "./memory-tree.js";
import { infoOf, listing, walk } from "./memory-walk.js";
import { bytesOf, concatenate, pathFields } from "./text-bytes.js";

/** What a view of the files may do, asked before each call. */
export interface MemoryGuard {
  /** Throws `ended` when the session is over. */
  alive(operation: string): void;
  readonly readOnly: boolean;
}

const defaultMaxBytes = 16_777_216;
const streamChunkBytes = 65_536;

/** The files facet over a tree in memory. It has no links, so a path leaves its root only by its own words. */
export function memoryFiles(tree: MemoryDirectory, roots: MemoryRoots, guard: MemoryGuard): RunnerFiles {
  function place(path: Text, access: MemoryAccess, operation: string): MemoryPlace {
    guard.alive(operation);
    if (access === "write" && guard.readOnly) {
      throw failure("permission_denied", `${operation} is refused: this view only reads`, {
        operation,
        resource: "file",
      });
    }
    return resolvePath(tree, roots, path, access, operation);
  }

  function existing(path: Text, operation: string, access: MemoryAccess = "read") {
    const found = place(path, access, operation);
    if (found.node === undefined) throw missing(found.path, operation);
    return { ...found, node: found.node };
  }

  function fileAt(path: Text, operation: string): { path: string; node: MemoryFile } {
    const { path: absolute, node } = existing(path, operation);
    if (node.type !== "file") {
      throw failure("invalid_request", `Expected a regular file, ${shown(absolute)} is a directory`, {
        operation,
        resource: "file",
      });
    }
    return { path: absolute, node };
  }

  function directoryAt(path: Text, operation: string): { path: string; node: MemoryDirectory } {
    const { path: absolute, node } = existing(path, operation);
    if (node.type !== "directory") {
      throw failure("invalid_request", `Expected a directory, ${shown(absolute)} is a file`, {
        operation,
        resource: "file",
      });
    }
    return { path: absolute, node };
  }

  function put(target: MemoryPlace, node: MemoryNode): void {
    target.parent.entries.set(target.name, node);
    target.parent.modifiedAtMs = Date.now();
  }

  return {
    async read(path, options = {}): Promise<RunnerFileContents> {
      throwIfCancelled(options.signal, "files.read");
      const { offset = 0, maxBytes = defaultMaxBytes } = options;
      requireCount("offset", offset, "files.read");
      requireCount("maxBytes", maxBytes, "files.read");
      const { path: absolute, node } = fileAt(path, "files.read");
      const contents = node.contents.slice(offset, offset + maxBytes);
      return {
        path: shown(absolute),
        contents,
        sizeBytes: node.contents.length,
        truncated: offset + contents.length < node.contents.length,
        version: node.version,
      };
    },

    async readStream(path, options = {}) {
      throwIfCancelled(options.signal, "files.readStream");
      const { contents } = fileAt(path, "files.readStream").node;
      let offset = options.offset ?? 0;
      requireCount("offset", offset, "files.readStream");
      return new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            const chunk = contents.slice(offset, offset + streamChunkBytes);
            if (chunk.length === 0) return controller.close();
            offset += chunk.length;
            return controller.enqueue(chunk);
          },
        },
        { highWaterMark: 0 },
      );
    },

    async write(path, contents, options = {}) {
      throwIfCancelled(options.signal, "files.write");
      guard.alive("files.write");
      const bytes = contents instanceof ReadableStream ? await collect(contents) : bytesOf(contents).slice();
      if (options.createParents === true) makeParents(path);
      const target = place(path, "write", "files.write");
      if (target.node?.type === "directory") {
        throw failure("invalid_request", `Expected a file to write, ${shown(target.path)} is a directory`, {
          operation: "files.write",
          resource: "file",
        });
      }
      const { ifVersion } = options;
      if (ifVersion !== undefined && ifVersion !== (target.node?.version ?? null)) {
        throw failure(
          "conflict",
          `${shown(target.path)} has ${target.node === undefined ? "no version, it is not there" : "another version"} than was expected`,
          { operation: "files.write", resource: "file" },
        );
      }
      const file = makeFile(bytes, options.mode ?? target.node?.mode ?? 0o644);
      put(target, file);
      return { version: file.version, sizeBytes: bytes.length };
    },

    async stat(path, options = {}): Promise<RunnerFileInfo> {
      throwIfCancelled(options.signal, "files.stat");
      const { path: absolute, node } = existing(path, "files.stat");
      return infoOf(absolute, node);
    },

    list(path, options = {}) {
      const { depth = 1, exclude = [], limit } = options;
      return listing(limit, function* () {
        throwIfCancelled(options.signal, "files.list");
        const start = directoryAt(path, "files.list");
        const excluded = excluder(exclude);
        for (const entry of walk(start.node, start.path, {
          depth,
          enters: ({ below }) => !excluded(shown(below)),
        })) {
          yield infoOf(entry.path, entry.node);
        }
      });
    },

    glob(pattern, options = {}) {
      const { cwd = roots.workspace, includeHidden = false, exclude = [], limit } = options;
      return listing(limit, function* () {
        throwIfCancelled(options.signal, "files.glob");
        const start = directoryAt(cwd, "files.glob");
        const expression = globExpression(pattern);
        const excluded = excluder(exclude);
        const hiddenNamed = includeHidden || /(^|[/{,])\./.test(pattern);
        for (const entry of walk(start.node, start.path, {
          depth: Number.POSITIVE_INFINITY,
          enters: ({ below }) => !excluded(shown(below)) && (hiddenNamed || !isHidden(below)),
        })) {
          if (expression.test(shown(entry.below))) yield infoOf(entry.path, entry.node);
        }
      });
    },

    grep(pattern, options = {}) {
      const { path = roots.workspace, exclude = [], limit, maxLineBytes = 2_000 } = options;
      return listing(limit, function* () {
        throwIfCancelled(options.signal, "files.grep");
        const expression = lineExpression(pattern, options);
        const start = existing(path, "files.grep");
        if (start.node.type === "file") {
          yield* grepFile(start.path, start.node, expression, maxLineBytes);
          return;
        }
        const excluded = excluder(exclude);
        const included = options.include === undefined ? undefined : excluder([options.include]);
        for (const { path: absolute, below, node } of walk(start.node, start.path, {
          depth: Number.POSITIVE_INFINITY,
          enters: (entry) =>
            !excluded(shown(entry.below)) && (options.includeHidden === true || !isHidden(entry.below)),
        })) {
          if (node.type !== "file" || included?.(shown(below)) === false) continue;
          yield* grepFile(absolute, node, expression, maxLineBytes);
        }
      });
    },

    async makeDirectory(path, options = {}) {
      throwIfCancelled(options.signal, "files.makeDirectory");
      makeParents(path);
      const target = place(path, "write", "files.makeDirectory");
      if (target.node?.type === "directory") return;
      if (target.node !== undefined) throw taken(target.path, "files.makeDirectory");
      put(target, makeDirectory(options.mode));
    },

    async remove(path, options = {}) {
      throwIfCancelled(options.signal, "files.remove");
      const target = existing(path, "files.remove", "write");
      refuseRoot(target.path, "files.remove");
      const full = target.node.type === "directory" && target.node.entries.size > 0;
      if (full && options.recursive !== true) {
        throw failure(
          "invalid_request",
          `${shown(target.path)} is a directory that is not empty: expected \`recursive: true\` to remove it`,
          { operation: "files.remove", resource: "file" },
        );
      }
      target.parent.entries.delete(target.name);
    },

    async rename(from, to, options = {}) {
      throwIfCancelled(options.signal, "files.rename");
      const source = existing(from, "files.rename", "write");
      const target = place(to, "write", "files.rename");
      refuseRoot(source.path, "files.rename");
      refuseRoot(target.path, "files.rename");
      if (target.node === source.node) return;
      refuseInside(source.path, target.path, "files.rename");
      if (target.node !== undefined) {
        const replaces =
          target.node.type === source.node.type && !(target.node.type === "directory" && target.node.entries.size > 0);
        if (!replaces) throw taken(target.path, "files.rename");
      }
      source.parent.entries.delete(source.name);
      put(target, source.node);
    },

    async copy(from, to, options = {}) {
      throwIfCancelled(options.signal, "files.copy");
      const source = existing(from, "files.copy");
      const target = place(to, "write", "files.copy");
      refuseInside(source.path, target.path, "files.copy");
      if (target.node !== undefined && (target.node.type !== "file" || source.node.type !== "file")) {
        throw taken(target.path, "files.copy");
      }
      put(target, copyNode(source.node));
    },

    watch: () => absent("files.watch"),
    archive: () => absent("files.archive"),
    extract: () => absent("files.extract"),
  };

  function makeParents(path: Text): void {
    const operation = "files.makeDirectory";
    const bytes = bytesOf(path);
    const last = bytes.findLastIndex((byte, index) => byte === 0x2f && index < bytes.length - 1);
    if (last <= 0) return;
    const parent = bytes.slice(0, last);
    try {
      const found = place(parent, "write", operation);
      if (found.node?.type === "directory") return;
      if (found.node !== undefined) throw taken(found.path, operation);
      ensureDirectory(tree, found.path);
    } catch (error) {
      if (!isMissing(error)) throw error;
      makeParents(parent);
      ensureDirectory(tree, place(parent, "write", operation).path);
    }
  }

  function refuseRoot(path: string, operation: string): void {
    if (![roots.workspace, ...roots.writeRoots].some((root) => isWithin(root, path))) return;
    throw failure("invalid_request", `Expected a path under a root, ${shown(path)} is a root itself`, {
      operation,
      resource: "file",
    });
  }

  async function absent(operation: string): Promise<never> {
    guard.alive(operation);
    throw failure("unsupported", `${operation} is not there: this runner lives in memory`, {
      operation,
      resource: "file",
    });
  }
}

function refuseInside(from: string, to: string, operation: string): void {
  if (!isWithin(to, from)) return;
  throw failure("invalid_request", `Expected \`to\` outside of ${shown(from)}, got ${shown(to)}`, {
    operation,
    resource: "file",
  });
}

function isHidden(below: string): boolean {
  return below.slice(below.lastIndexOf("/") + 1).startsWith(".");
}

function requireCount(name: string, value: number, operation: string): void {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw failure("invalid_request", `Expected \`${name}\` to be a non-negative integer, got ${describeValue(value)}`, {
    operation,
  });
}

function isMissing(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "not_found";
}

function shown(path: string): string {
  return pathFields(path).path;
}

function missing(path: string, operation: string) {
  return failure("not_found", `No such file or directory: ${shown(path)}`, {
    operation,
    resource: "file",
    details: { path: shown(path) },
  });
}

function taken(path: string, operation: string) {
  return failure("already_exists", `${shown(path)} is there already`, {
    operation,
    resource: "file",
    details: { path: shown(path) },
  });
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return concatenate(chunks);
}
