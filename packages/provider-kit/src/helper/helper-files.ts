import {
  type RunnerCallOptions,
  type RunnerExtractLimits,
  type RunnerExtractReport,
  type RunnerFileContents,
  type RunnerFileEvent,
  type RunnerFileInfo,
  type RunnerFiles,
  type RunnerGrepMatch,
  type RunnerListing,
  type Text,
} from "@mooring/api";
import { throwIfAborted } from "../async/abort.js";
import { requireWholeNumber } from "../commands/requirements.js";
import { expected } from "../errors/expected.js";
import { excludeExpressions } from "../files/glob-pattern.js";
import { requireMode } from "../files/require-mode.js";
import { grepQuery } from "../files/grep-query.js";
import { pathBytes } from "../text/text-bytes.js";
import { call, type Call } from "./call.js";
import { callWithInput } from "./call-with-input.js";
import type { Connection } from "./connection.js";
import { fileInfo, grepMatch, readPath } from "./file-info.js";
import { FileRead } from "./file-read.js";
import { openWatch } from "./file-watch.js";
import { globQuery } from "./glob-query.js";
import { maxInlineBytes } from "./frame-types.js";
import { IncomingBytes, streamOf } from "./incoming-bytes.js";
import { Listing } from "./listing.js";
import { type HelperRecord, readList, readNumber, readRecord, readText } from "./record-reader.js";
import type { RequestWriter } from "./record-writer.js";

const defaultReadBytes = 16_777_216;

/** Files over the resident helper: it resolves and uses each path in one step. */
export class HelperFiles implements RunnerFiles {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  read(
    path: Text,
    options: { readonly offset?: number; readonly maxBytes?: number } & RunnerCallOptions = {},
  ): Promise<RunnerFileContents> {
    return new Promise((resolve, reject) => {
      throwIfAborted(options.signal, "files.read");
      const request = {
        path: pathBytes(path, "path"),
        offset: requireWholeNumber("offset", options.offset ?? 0, 0),
        maxBytes: requireWholeNumber("maxBytes", options.maxBytes ?? defaultReadBytes, 0),
      };
      if (request.maxBytes > 0xffff_ffff) throw expected("maxBytes", "at most 4294967295", request.maxBytes);
      new FileRead(this.#connection, described("read", options), request, resolve, reject);
    });
  }

  async readStream(
    path: Text,
    options: { readonly offset?: number } & RunnerCallOptions = {},
  ): Promise<ReadableStream<Uint8Array>> {
    throwIfAborted(options.signal, "files.readStream");
    const bytes = pathBytes(path, "path");
    const offset = requireWholeNumber("offset", options.offset ?? 0, 0);
    const incoming = new IncomingBytes(this.#connection, described("readStream", options), (writer) =>
      writer.field("path", bytes).field("offset", offset),
    );
    await incoming.opened();
    return streamOf(incoming);
  }

  async write(
    path: Text,
    contents: Uint8Array | string | ReadableStream<Uint8Array>,
    options: {
      readonly mode?: number;
      readonly ifVersion?: string | null;
      readonly createParents?: boolean;
    } & RunnerCallOptions = {},
  ): Promise<{ version: string; sizeBytes: number }> {
    const bytes = pathBytes(path, "path");
    const mode = requireMode(options.mode);
    const { ifVersion } = options;
    if (ifVersion !== undefined && ifVersion !== null && (typeof ifVersion !== "string" || ifVersion === "")) {
      throw expected("ifVersion", "a version that is not empty, or null", ifVersion);
    }
    const build = (writer: RequestWriter) =>
      writer
        .field("path", bytes)
        .field("mode", mode)
        .field("ifVersion", ifVersion === null ? "" : ifVersion)
        .field("createParents", options.createParents);
    const description = described("write", options);
    const body = typeof contents === "string" ? Buffer.from(contents, "utf8") : contents;
    if (!(body instanceof Uint8Array) && !(body instanceof ReadableStream)) {
      throw expected("contents", "a Uint8Array, a string or a ReadableStream", contents);
    }
    const record =
      body instanceof Uint8Array && body.length <= maxInlineBytes
        ? await call(this.#connection, description, (writer) => build(writer).field("contents", body))
        : await callWithInput(this.#connection, description, build, body, "contents");
    return { version: readText(record, "version"), sizeBytes: readNumber(record, "size") };
  }

  async stat(
    path: Text,
    options: { readonly followSymlinks?: boolean } & RunnerCallOptions = {},
  ): Promise<RunnerFileInfo> {
    const bytes = pathBytes(path, "path");
    return fileInfo(
      await call(this.#connection, described("stat", options), (writer) =>
        writer.field("path", bytes).field("follow", options.followSymlinks ?? true),
      ),
    );
  }

  list(path: Text, options: Parameters<RunnerFiles["list"]>[1] = {}): RunnerListing<RunnerFileInfo> {
    return new Listing(() => {
      const bytes = pathBytes(path, "path");
      const depth = requireWholeNumber("depth", options.depth ?? 1, 1);
      return this.#walk("list", options, (writer) => writer.field("path", bytes).field("depth", depth));
    }, fileInfo);
  }

  glob(pattern: string, options: Parameters<RunnerFiles["glob"]>[1] = {}): RunnerListing<RunnerFileInfo> {
    let hasBase = false;
    return new Listing(
      () => {
        const query = globQuery(pattern, options);
        hasBase = query.hasBase;
        return this.#walk("glob", options, (writer) =>
          writer
            .field("path", query.path)
            .field("pattern", query.source)
            .field("hidden", query.hidden)
            .field("maxDepth", query.maxDepth),
        );
      },
      fileInfo,
      () => hasBase,
    );
  }

  grep(pattern: string, options: Parameters<RunnerFiles["grep"]>[1] = {}): RunnerListing<RunnerGrepMatch> {
    return new Listing(() => {
      const query = grepQuery(pattern, options);
      return this.#walk("grep", options, (writer) =>
        writer
          .field("path", query.path)
          .field("pattern", query.pattern)
          .field("include", query.include)
          .field("ignoreCase", query.ignoreCase)
          .field("hidden", query.hidden)
          .field("maxLineBytes", query.maxLineBytes),
      );
    }, grepMatch);
  }

  #walk(
    verb: "list" | "glob" | "grep",
    options: { readonly exclude?: readonly string[]; readonly limit?: number } & RunnerCallOptions,
    build: (writer: RequestWriter) => void,
  ): IncomingBytes {
    throwIfAborted(options.signal, `files.${verb}`);
    const exclude = excludeExpressions(options.exclude);
    const limit = options.limit === undefined ? undefined : requireWholeNumber("limit", options.limit, 1);
    return new IncomingBytes(this.#connection, described(verb, options), (writer) => {
      build(writer);
      if (exclude.length > 0) writer.list("exclude", exclude);
      writer.field("limit", limit);
    });
  }

  async makeDirectory(path: Text, options: { readonly mode?: number } & RunnerCallOptions = {}): Promise<void> {
    const bytes = pathBytes(path, "path");
    const mode = requireMode(options.mode);
    await call(this.#connection, described("makeDirectory", options), (writer) =>
      writer.field("path", bytes).field("mode", mode),
    );
  }

  async remove(path: Text, options: { readonly recursive?: boolean } & RunnerCallOptions = {}): Promise<void> {
    const bytes = pathBytes(path, "path");
    await call(this.#connection, described("remove", options), (writer) =>
      writer.field("path", bytes).field("recursive", options.recursive),
    );
  }

  rename(from: Text, to: Text, options: RunnerCallOptions = {}): Promise<void> {
    return this.#fromTo("rename", from, to, options);
  }

  copy(from: Text, to: Text, options: RunnerCallOptions = {}): Promise<void> {
    return this.#fromTo("copy", from, to, options);
  }

  async #fromTo(verb: "rename" | "copy", from: Text, to: Text, options: RunnerCallOptions): Promise<void> {
    const source = pathBytes(from, "from");
    const target = pathBytes(to, "to");
    await call(this.#connection, described(verb, options), (writer) =>
      writer.field("from", source).field("to", target),
    );
  }

  async watch(
    path: Text,
    options: { readonly recursive?: boolean } & RunnerCallOptions = {},
  ): Promise<AsyncIterable<RunnerFileEvent> & AsyncDisposable> {
    throwIfAborted(options.signal, "files.watch");
    const bytes = pathBytes(path, "path");
    return openWatch(
      new IncomingBytes(this.#connection, described("watch", options), (writer) =>
        writer.field("path", bytes).field("recursive", options.recursive ?? true),
      ),
    );
  }

  async archive(
    path: Text,
    options: { readonly exclude?: readonly string[] } & RunnerCallOptions = {},
  ): Promise<ReadableStream<Uint8Array>> {
    throwIfAborted(options.signal, "files.archive");
    const bytes = pathBytes(path, "path");
    const exclude = excludeExpressions(options.exclude);
    const incoming = new IncomingBytes(this.#connection, described("archive", options), (writer) => {
      writer.field("path", bytes);
      if (exclude.length > 0) writer.list("exclude", exclude);
    });
    await incoming.opened();
    return streamOf(incoming);
  }

  async extract(
    path: Text,
    archive: ReadableStream<Uint8Array>,
    limits: RunnerExtractLimits,
    options: RunnerCallOptions = {},
  ): Promise<RunnerExtractReport> {
    const bytes = pathBytes(path, "path");
    if (!(archive instanceof ReadableStream)) throw expected("archive", "a ReadableStream", archive);
    if (typeof limits !== "object" || limits === null) throw expected("limits", "an object", limits);
    const maxEntries = requireWholeNumber("limits.maxEntries", limits.maxEntries, 0);
    const maxTotalBytes = requireWholeNumber("limits.maxTotalBytes", limits.maxTotalBytes, 0);
    const record = await callWithInput(
      this.#connection,
      described("extract", options),
      (writer) => writer.field("path", bytes).field("maxEntries", maxEntries).field("maxTotalBytes", maxTotalBytes),
      archive,
      "archive",
    );
    return {
      entries: readNumber(record, "entries"),
      totalBytes: readNumber(record, "totalBytes"),
      skipped: readList(record.get("skipped")).map((item) => skippedEntry(readRecord(item))),
    };
  }
}

function skippedEntry(record: HelperRecord): { path: string; reason: string } {
  return { path: readPath(record).path, reason: readText(record, "reason") };
}

/** What these do they do in one step, or not at all; the others may have come some of the way. */
const atomic: ReadonlySet<string> = new Set([
  "read",
  "readStream",
  "write",
  "stat",
  "list",
  "glob",
  "grep",
  "rename",
  "watch",
]);

function described(verb: string, options: RunnerCallOptions): Call {
  return {
    op: `file.${verb}`,
    operation: `files.${verb}`,
    resource: "file",
    signal: options.signal,
    isAtomic: atomic.has(verb),
  };
}
