import { randomBytes } from "node:crypto";
import type {
  RunnerCallOptions,
  RunnerExtractLimits,
  RunnerExtractReport,
  RunnerFileContents,
  RunnerFileInfo,
  RunnerFiles,
  RunnerGrepMatch,
  RunnerListing,
  Text,
} from "@mooring/api";
import { throwIfAborted } from "../async/abort.js";
import { unsupported } from "../errors/expected.js";
import { requireMode } from "../files/require-mode.js";
import { pathBytes } from "../text/text-bytes.js";
import { archiveFiles } from "./file-archive.js";
import { type FileContext, type FileOperation, startFileCall } from "./file-context.js";
import { extractFiles } from "./file-extract.js";
import { grepFiles } from "./file-grep.js";
import { corruptAnswer } from "./file-parse.js";
import { readFile, readFileStream } from "./file-read.js";
import { globFiles, listFiles } from "./file-walk.js";
import { writeFile, type WriteOptions } from "./file-write.js";
import { fileInfo, readStatRecord } from "./shell-file-info.js";

/** Files over one shell for each operation. Paths are checked first and used then: `advisory`. */
export class ShellFiles implements RunnerFiles {
  readonly #context: FileContext;

  constructor(context: FileContext) {
    this.#context = context;
  }

  read(
    path: Text,
    options: { readonly offset?: number; readonly maxBytes?: number } & RunnerCallOptions = {},
  ): Promise<RunnerFileContents> {
    return this.#context.pace.run(() => readFile(this.#context, path, options));
  }

  readStream(
    path: Text,
    options: { readonly offset?: number } & RunnerCallOptions = {},
  ): Promise<ReadableStream<Uint8Array>> {
    return readFileStream(this.#context, path, options);
  }

  write(
    path: Text,
    contents: Uint8Array | string | ReadableStream<Uint8Array>,
    options: WriteOptions = {},
  ): Promise<{ version: string; sizeBytes: number }> {
    return this.#context.pace.run(() => writeFile(this.#context, path, contents, options));
  }

  async stat(
    path: Text,
    options: { readonly followSymlinks?: boolean } & RunnerCallOptions = {},
  ): Promise<RunnerFileInfo> {
    const located = this.#context.roots.locate(path, "read");
    const follow = (options.followSymlinks ?? true) || located.directory;
    const { nonce, answer } = await this.#ask({
      operation: "files.stat",
      script: "file-stat",
      path,
      access: "read",
      values: () => ({ follow }),
      options,
    });
    const mark = ` ${nonce}\n`;
    const split = answer.indexOf(mark);
    const record = readStatRecord(answer.slice(split + mark.length, -mark.length), nonce);
    if (split === -1 || record === undefined) throw corruptAnswer("no description of a file");
    const parent = answer.slice(0, split);
    const name = record.name.slice(2);
    const real = name === "." ? parent : `${parent === "/" ? "" : parent}/${name}`;
    return fileInfo(record, located.rest.split("/").includes("..") ? real : located.absolute);
  }

  list(path: Text, options: Parameters<RunnerFiles["list"]>[1] = {}): RunnerListing<RunnerFileInfo> {
    return listFiles(this.#context, path, options);
  }

  glob(pattern: string, options: Parameters<RunnerFiles["glob"]>[1] = {}): RunnerListing<RunnerFileInfo> {
    return globFiles(this.#context, pattern, options);
  }

  grep(pattern: string, options: Parameters<RunnerFiles["grep"]>[1] = {}): RunnerListing<RunnerGrepMatch> {
    return grepFiles(this.#context, pattern, options);
  }

  async makeDirectory(path: Text, options: { readonly mode?: number } & RunnerCallOptions = {}): Promise<void> {
    const mode = requireMode(options.mode);
    await this.#ask({
      operation: "files.makeDirectory",
      script: "file-make-directory",
      path,
      access: "write",
      values: () => ({ mode: mode === undefined ? "" : mode.toString(8) }),
      options,
    });
  }

  async remove(path: Text, options: { readonly recursive?: boolean } & RunnerCallOptions = {}): Promise<void> {
    await this.#ask({
      operation: "files.remove",
      script: "file-remove",
      path,
      access: "write",
      values: () => ({ recursive: options.recursive === true }),
      options,
    });
  }

  async rename(from: Text, to: Text, options: RunnerCallOptions = {}): Promise<void> {
    pathBytes(from, "from");
    const target = this.#context.roots.locate(to, "write", "to");
    await this.#ask({
      operation: "files.rename",
      script: "file-rename",
      path: from,
      access: "write",
      values: (words) => ({ to_base: target.base, to_path: target.rest, device_format: words.deviceFormat }),
      options,
    });
  }

  async copy(from: Text, to: Text, options: RunnerCallOptions = {}): Promise<void> {
    pathBytes(from, "from");
    const target = this.#context.roots.locate(to, "write", "to");
    const temporary = `.mooring-${randomBytes(16).toString("hex")}.tmp`;
    try {
      await this.#ask({
        operation: "files.copy",
        script: "file-copy",
        path: from,
        access: "read",
        values: () => ({ follow: true, to_base: target.base, to_path: target.rest, temporary: `./${temporary}` }),
        options,
      });
    } catch (error) {
      // Killed in the middle of it, the shell could not tidy up.
      if (options.signal?.aborted === true) {
        const beside = Buffer.from(`${target.absolute.replace(/[^/]*$/, "")}${temporary}`, "latin1");
        await this.remove(beside, { recursive: true }).catch(() => undefined);
      }
      throw error;
    }
  }

  async watch(_path: Text, options: RunnerCallOptions = {}): Promise<never> {
    throwIfAborted(options.signal, "files.watch");
    throw unsupported("This session cannot watch files", { operation: "files.watch", resource: "file" });
  }

  async archive(
    path: Text,
    options: { readonly exclude?: readonly string[] } & RunnerCallOptions = {},
  ): Promise<ReadableStream<Uint8Array>> {
    this.#requireTar("files.archive");
    return archiveFiles(this.#context, path, options);
  }

  async extract(
    path: Text,
    archive: ReadableStream<Uint8Array>,
    limits: RunnerExtractLimits,
    options: RunnerCallOptions = {},
  ): Promise<RunnerExtractReport> {
    this.#requireTar("files.extract");
    return this.#context.pace.run(() => extractFiles(this.#context, path, archive, limits, options));
  }

  #requireTar(operation: string): void {
    if (this.#context.tools.programs.has("tar")) return;
    throw unsupported("This session has no `tar`", { operation, resource: "file" });
  }

  async #ask(operation: FileOperation): Promise<{ nonce: string; answer: string }> {
    throwIfAborted(operation.options.signal, operation.operation);
    return this.#context.pace.run(async () => {
      const call = await startFileCall(this.#context, operation);
      call.process.stdin.end();
      return { nonce: call.nonce, answer: (await call.answer()).toString("latin1") };
    });
  }
}
