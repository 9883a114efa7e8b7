import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type RestrictedSession, RunnerError } from "@mooring/api";
import ignore from "ignore";
import { pack as openPack, type Pack } from "tar-stream";
import { CopyCounter, type CopyProgress, type CopyReport } from "./copy-progress.js";
import { localError } from "./local-error.js";
import { type LocalEntry, localTree } from "./local-tree.js";

/** How a local file or tree is copied into a session. */
export interface UploadOptions {
  /** Patterns as in a `.gitignore`, matched under the local directory. @default [] */
  readonly ignore?: readonly string[];
  readonly onProgress?: (progress: CopyProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Copies a local file or directory into a session. A directory becomes `remotePath`, with modes and links; a file becomes `remotePath`,
 * or goes into it when that is a directory. Each file is replaced in one step.
 *
 * Rejects with `not_found` for a local path that is not there, with `conflict` when a file changes while it is read, and as
 * `files.write` and `files.extract` do.
 */
export async function upload(
  session: Pick<RestrictedSession, "files">,
  localPath: string,
  remotePath: string,
  options: UploadOptions = {},
): Promise<CopyReport> {
  options.signal?.throwIfAborted();
  const counter = new CopyCounter(options.onProgress);
  const status = await stat(localPath).catch((error: unknown) => {
    throw localError(error, localPath, "read");
  });
  if (status.isDirectory()) await uploadTree(session, localPath, remotePath, options, counter);
  else if (status.isFile()) {
    await uploadFile(session, localPath, remotePath, status, options, counter);
  } else {
    throw new RunnerError("invalid_request", `Expected a file or a directory at ${localPath}`);
  }
  return counter.report();
}

async function uploadFile(
  session: Pick<RestrictedSession, "files">,
  localPath: string,
  remotePath: string,
  status: { readonly size: number; readonly mode: number },
  options: UploadOptions,
  counter: CopyCounter,
): Promise<void> {
  const callOptions = options.signal === undefined ? {} : { signal: options.signal };
  counter.totalFiles = 1;
  counter.totalBytes = status.size;
  const target = (await isDirectory(session, remotePath, callOptions))
    ? `${remotePath.replace(/\/+$/, "")}/${basename(localPath)}`
    : remotePath;
  const contents = counted(createReadStream(localPath), counter);
  await session.files.write(target, Readable.toWeb(contents) as ReadableStream<Uint8Array>, {
    ...callOptions,
    mode: status.mode & 0o777,
    createParents: true,
  });
  counter.file();
}

async function isDirectory(
  session: Pick<RestrictedSession, "files">,
  path: string,
  callOptions: { readonly signal?: AbortSignal },
): Promise<boolean> {
  try {
    return (await session.files.stat(path, callOptions)).type === "directory";
  } catch (error) {
    if (RunnerError.is(error) && error.code === "not_found") return false;
    throw error;
  }
}

function counted(source: Readable, counter: CopyCounter): Readable {
  return Readable.from(
    (async function* () {
      for await (const chunk of source as AsyncIterable<Uint8Array>) {
        counter.moved(chunk.length);
        yield chunk;
      }
    })(),
    { objectMode: false },
  );
}

async function uploadTree(
  session: Pick<RestrictedSession, "files">,
  localPath: string,
  remotePath: string,
  options: UploadOptions,
  counter: CopyCounter,
): Promise<void> {
  const callOptions = options.signal === undefined ? {} : { signal: options.signal };
  const ignored = ignore().add([...(options.ignore ?? [])]);
  const entries = await localTree(localPath, ignored, counter, options.signal).catch((error: unknown) => {
    throw localError(error, localPath, "read");
  });
  for (const entry of entries) {
    if (entry.type === "file") counter.totalFiles += 1;
    counter.totalBytes += entry.sizeBytes;
  }
  await session.files.makeDirectory(remotePath, callOptions);
  if (entries.length === 0) return;
  const pack = openPack();
  const packing = packTree(pack, entries, counter).catch((error: unknown) => {
    pack.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  });
  const extracting = session.files.extract(
    remotePath,
    Readable.toWeb(Readable.from(pack)) as ReadableStream<Uint8Array>,
    { maxEntries: entries.length, maxTotalBytes: counter.totalBytes },
    callOptions,
  );
  const [packed, extracted] = await Promise.allSettled([
    packing,
    extracting.catch((error: unknown) => {
      pack.destroy();
      throw error;
    }),
  ]);
  // The far side's refusal ends the packing too, so its own reason counts first.
  if (extracted.status === "rejected" && RunnerError.is(extracted.reason)) {
    if (packed.status !== "rejected" || !RunnerError.is(packed.reason)) throw extracted.reason;
  }
  if (packed.status === "rejected") throw localError(packed.reason, localPath, "read");
  if (extracted.status === "rejected") throw extracted.reason;
  counter.skipped.push(...extracted.value.skipped);
}

async function packTree(pack: Pack, entries: readonly LocalEntry[], counter: CopyCounter): Promise<void> {
  for (const entry of entries) {
    const header = { name: entry.path, mode: entry.mode, mtime: new Date(entry.modifiedAtMs) };
    if (entry.type === "file") {
      const target = pack.entry({ ...header, type: "file", size: entry.sizeBytes });
      await pipeline(exactly(entry, counter), target);
      counter.file();
    } else if (entry.type === "directory") {
      pack.entry({ ...header, type: "directory" });
      counter.directories += 1;
    } else {
      pack.entry({ ...header, type: "symlink", linkname: entry.target ?? "" });
      counter.links += 1;
    }
  }
  pack.finalize();
}

/** The file's bytes, and an error when they are not as many as the archive's header has said. */
async function* exactly(entry: LocalEntry, counter: CopyCounter): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of createReadStream(entry.absolutePath) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > entry.sizeBytes) break;
    counter.moved(chunk.length);
    yield chunk;
  }
  if (bytes !== entry.sizeBytes) {
    throw new RunnerError("conflict", `${entry.path} changed while it was being copied`, {
      retryable: true,
      resource: "file",
    });
  }
}
