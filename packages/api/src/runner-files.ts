import type { RunnerCallOptions } from "./runner-command.js";
import type { Text } from "./text.js";

export type RunnerFileType = "file" | "directory" | "symlink" | "other";

/** What the runner knows of one file. */
export interface RunnerFileInfo {
  /** Absolute, decoded as UTF-8. */
  readonly path: string;
  /** The exact bytes, where `path` is not the whole truth because they are no UTF-8. */
  readonly pathBytes?: Uint8Array;
  readonly type: RunnerFileType;
  readonly sizeBytes: number;
  /** Milliseconds since the epoch, by the runner's clock. */
  readonly modifiedAtMs: number;
  /** The permission bits: `mode & 0o7777`. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** What a symbolic link points to, as written in it. */
  readonly symlinkTarget?: string;
  /** Opaque; changes whenever the file's contents are replaced or changed. */
  readonly version: string;
}

/** What `read` returns. */
export interface RunnerFileContents {
  readonly path: string;
  readonly contents: Uint8Array;
  /** The size of the whole file, however much of it was asked for. */
  readonly sizeBytes: number;
  /** Whether the file goes on after the last byte of `contents`. */
  readonly truncated: boolean;
  readonly version: string;
}

/** Results that arrive one by one. `truncated` tells, when the iteration has ended, whether `limit` cut it short. */
export interface RunnerListing<Item> extends AsyncIterable<Item> {
  readonly truncated: boolean;
}

/** A line that `grep` found. */
export interface RunnerGrepMatch {
  /** Absolute. */
  readonly path: string;
  readonly pathBytes?: Uint8Array;
  /** Counted from 1. */
  readonly line: number;
  /** The line without its end, at most `maxLineBytes` of it. */
  readonly text: string;
  /** Whether the line is longer than `text`. */
  readonly lineTruncated: boolean;
}

export type RunnerFileEvent =
  | {
      readonly type: "created" | "modified" | "removed";
      readonly path: string;
      readonly pathBytes?: Uint8Array;
    }
  | { readonly type: "renamed"; readonly fromPath: string; readonly path: string }
  /** Events were lost, by the kernel or on the way: look again at everything. */
  | { readonly type: "overflow" };

/** How much an archive may unpack. Past any of them `extract` rejects with `resource_exhausted`. */
export interface RunnerExtractLimits {
  readonly maxEntries: number;
  readonly maxTotalBytes: number;
}

export interface RunnerExtractReport {
  /** Files, directories and links made. */
  readonly entries: number;
  readonly totalBytes: number;
  /** Entries that were left out, each with the reason: devices, sockets, FIFOs. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

/** Which entries a walk passes over. */
export interface RunnerWalkOptions extends RunnerCallOptions {
  /** Glob patterns of names (`node_modules`) or of paths under the start (`build/**`), not entered and not reported. @default [] */
  readonly exclude?: readonly string[];
  /** Stop after so many results; `truncated` then says so. @default none */
  readonly limit?: number;
}

/**
 * The files of a session. A relative path starts at the workspace. An absolute one must lie in the workspace or in a
 * read root, and for writing in the workspace or a write root. Symbolic links are followed as long as they stay there;
 * one that leaves is `path_escape`, and nothing outside was read, made or changed, whatever runs at the same time.
 *
 * Every call may reject with `not_found`, `permission_denied`, `path_escape`, `resource_exhausted` (a full disk),
 * `disconnected`, `ended` or `cancelled`; what else it may say stands at the call.
 */
export interface RunnerFiles {
  /**
   * A regular file, or a part of it: `maxBytes` from `offset`. The limit holds at the source: no more is read or sent.
   * A directory, FIFO or device is `invalid_request`.
   * @default offset: 0; maxBytes: 16,777,216 (a longer file is `truncated`)
   */
  read(
    path: Text,
    options?: { readonly offset?: number; readonly maxBytes?: number } & RunnerCallOptions,
  ): Promise<RunnerFileContents>;
  /** The whole file from `offset`, pulled: what is not read is not sent. */
  readStream(
    path: Text,
    options?: { readonly offset?: number } & RunnerCallOptions,
  ): Promise<ReadableStream<Uint8Array>>;
  /**
   * Replaces the file in one step: others see the old contents or the new, never a mixture, also after a crash.
   * The mode of a file that exists is kept unless `mode` is given; a new one gets 0o666 less the umask.
   * With `ifVersion`, another version in place is `conflict`; `null` demands that there is no file yet.
   * A full disk is `resource_exhausted` and leaves the old contents. @default createParents: false
   */
  write(
    path: Text,
    contents: Uint8Array | string | ReadableStream<Uint8Array>,
    options?: {
      readonly mode?: number;
      readonly ifVersion?: string | null;
      readonly createParents?: boolean;
    } & RunnerCallOptions,
  ): Promise<{ version: string; sizeBytes: number }>;
  /** @default followSymlinks: true */
  stat(path: Text, options?: { readonly followSymlinks?: boolean } & RunnerCallOptions): Promise<RunnerFileInfo>;
  /** The entries under a directory, links not followed, sorted by path within each directory. @default depth: 1 */
  list(path: Text, options?: { readonly depth?: number } & RunnerWalkOptions): RunnerListing<RunnerFileInfo>;
  /**
   * Files and directories whose path under `cwd` matches: `*`, `?`, `[a-z]`, `{a,b}`, `**` for any depth.
   * Names that begin with a dot match only a pattern that says so, unless `includeHidden`.
   * @default cwd: the workspace; includeHidden: false
   */
  glob(
    pattern: string,
    options?: { readonly cwd?: Text; readonly includeHidden?: boolean } & RunnerWalkOptions,
  ): RunnerListing<RunnerFileInfo>;
  /**
   * Lines that match a regular expression: the common ground of JavaScript, Perl and POSIX extended syntax, with
   * `\d \w \s \b`. Binary files (a NUL byte in the first 8 kB) are passed over.
   * @default path: the workspace; literal: false; ignoreCase: false; includeHidden: false; maxLineBytes: 2,000
   */
  grep(
    pattern: string,
    options?: {
      readonly path?: Text;
      /** Only files whose path under `path` matches. */
      readonly include?: string;
      readonly literal?: boolean;
      readonly ignoreCase?: boolean;
      readonly includeHidden?: boolean;
      readonly maxLineBytes?: number;
    } & RunnerWalkOptions,
  ): RunnerListing<RunnerGrepMatch>;
  /** Makes the directory and its parents. One that is there is fine; anything else in its place is `already_exists`. */
  makeDirectory(path: Text, options?: { readonly mode?: number } & RunnerCallOptions): Promise<void>;
  /** Removes a file or an empty directory; with `recursive` a whole tree, links in it not followed. @default recursive: false */
  remove(path: Text, options?: { readonly recursive?: boolean } & RunnerCallOptions): Promise<void>;
  /** Replaces what is at `to`, in one step. */
  rename(from: Text, to: Text, options?: RunnerCallOptions): Promise<void>;
  /** Copies a file, or a tree with its modes and links. What is at `to` must not exist, or be a file for a file. */
  copy(from: Text, to: Text, options?: RunnerCallOptions): Promise<void>;
  /** Resolves when the watch is armed: a change made afterwards is reported. @default recursive: true */
  watch(
    path: Text,
    options?: { readonly recursive?: boolean } & RunnerCallOptions,
  ): Promise<AsyncIterable<RunnerFileEvent> & AsyncDisposable>;
  /**
   * A tar stream (POSIX pax) of the file or of what is under the directory, with names relative to it. What is neither file,
   * directory nor link (a FIFO, a socket, a device) stands in it by its name, as a FIFO without contents: `extract` leaves it
   * out and reports it. A socket may be missing where the runner's own `tar` makes the archive.
   */
  archive(
    path: Text,
    options?: { readonly exclude?: readonly string[] } & RunnerCallOptions,
  ): Promise<ReadableStream<Uint8Array>>;
  /**
   * Unpacks a tar stream under a directory. Set-id bits are dropped. A name or link that leaves the directory is
   * `path_escape`; what came before it stays.
   */
  extract(
    path: Text,
    archive: ReadableStream<Uint8Array>,
    limits: RunnerExtractLimits,
    options?: RunnerCallOptions,
  ): Promise<RunnerExtractReport>;
}
