import { type RunnerFiles, type RunnerListing, RunnerError } from "@mooring/api";
import { type PathScope, scopedPath } from "./path-scope.js";

/** Files within a scope. What changes a file is refused when the view is read-only. */
export function restrictedFiles(files: RunnerFiles, scope: PathScope, readOnly: boolean): RunnerFiles {
  const readable = (path: Parameters<RunnerFiles["stat"]>[0], option = "path") =>
    scopedPath(scope, path, "read", option);
  const writable = (path: Parameters<RunnerFiles["stat"]>[0], option: string, operation: string) => {
    if (readOnly) throw readOnlyError(operation);
    return scopedPath(scope, path, "write", option);
  };
  return {
    read: async (path, options) => files.read(readable(path), options),
    readStream: async (path, options) => files.readStream(readable(path), options),
    stat: async (path, options) => files.stat(readable(path), options),
    list: (path, options) => lazily(() => files.list(readable(path), options)),
    glob: (pattern, options = {}) =>
      lazily(() => files.glob(pattern, { ...options, cwd: readable(options.cwd ?? ".", "cwd") })),
    grep: (pattern, options = {}) =>
      lazily(() => files.grep(pattern, { ...options, path: readable(options.path ?? ".") })),
    watch: async (path, options) => files.watch(readable(path), options),
    archive: async (path, options) => files.archive(readable(path), options),
    write: async (path, contents, options) => files.write(writable(path, "path", "files.write"), contents, options),
    makeDirectory: async (path, options) => files.makeDirectory(writable(path, "path", "files.makeDirectory"), options),
    remove: async (path, options) => files.remove(writable(path, "path", "files.remove"), options),
    rename: async (from, to, options) =>
      files.rename(writable(from, "from", "files.rename"), writable(to, "to", "files.rename"), options),
    copy: async (from, to, options) => {
      const target = writable(to, "to", "files.copy");
      return files.copy(readable(from, "from"), target, options);
    },
    extract: async (path, archive, limits, options) =>
      files.extract(writable(path, "path", "files.extract"), archive, limits, options),
  };
}

export function readOnlyError(operation: string): RunnerError {
  return new RunnerError("permission_denied", `${operation}: this view of the session is read-only`, {
    operation,
    retryable: false,
    phase: "before_start",
  });
}

/** A listing whose arguments are checked when the iteration begins, so that a wrong one rejects there and does not throw. */
function lazily<Item>(open: () => RunnerListing<Item>): RunnerListing<Item> {
  let listing: RunnerListing<Item> | undefined;
  return {
    get truncated() {
      return listing?.truncated ?? false;
    },
    async *[Symbol.asyncIterator]() {
      listing = open();
      yield* listing;
    },
  };
}
