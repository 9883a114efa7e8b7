import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { type RestrictedSession, RunnerError } from "@mooring/api";
import ignore from "ignore";
import { CopyCounter, type CopyProgress, type CopyReport } from "./copy-progress.js";
import { DiskPace } from "./disk-pace.js";
import { localError } from "./local-error.js";
import { type LocalEntry, localTree } from "./local-tree.js";
import { changedEntries, RemoteListing } from "./remote-tree.js";
import { treeArchive } from "./tree-archive.js";

const readBytes = 262_144;

/** How a local file or tree is copied into a session. */
export interface UploadOptions {
  /** Patterns as in a `.gitignore`, matched under the local directory. @default [] */
  readonly ignore?: readonly string[];
  /** Copy also what is there already and equal by type, size, mode and time of modification. @default false */
  readonly copyUnchanged?: boolean;
  readonly onProgress?: (progress: CopyProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Copies a local file or directory into a session. A directory becomes `remotePath`, with modes and links; a file becomes `remotePath`,
 * or goes into it when that is a directory. Each file is replaced in one step, nothing is removed.
 *
 * Of a directory only what is missing there or differs is copied, by type, size, mode and time of modification to the millisecond,
 * or a link's target. A runner that keeps or tells times less exactly gets everything each time.
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
  const contents = createReadStream(localPath, { highWaterMark: readBytes }) as AsyncIterable<Uint8Array>;
  await session.files.write(target, pulled(counted(contents, counter)), {
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

async function* counted(source: AsyncIterable<Uint8Array>, counter: CopyCounter): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    counter.moved(chunk.length);
    yield chunk;
  }
}

async function uploadTree(
  session: Pick<RestrictedSession, "files">,
  localPath: string,
  remotePath: string,
  options: UploadOptions,
  counter: CopyCounter,
): Promise<void> {
  const { signal, ignore: patterns = [], copyUnchanged = false } = options;
  const callOptions = signal === undefined ? {} : { signal };
  const listing = copyUnchanged ? undefined : new RemoteListing(session, remotePath, patterns, signal);
  const ignored = ignore().add([...patterns]);
  const pace = new DiskPace();
  const entries = await localTree(localPath, ignored, counter, pace, signal).catch((error: unknown) => {
    listing?.stop();
    signal?.throwIfAborted();
    throw localError(error, localPath, "read");
  });
  listing?.expect(entries.length);
  const remote = await listing?.tree;
  signal?.throwIfAborted();
  const changed = remote === undefined ? entries : changedEntries(entries, remote);
  for (const entry of changed) {
    if (entry.type === "file") counter.totalFiles += 1;
    counter.totalBytes += entry.sizeBytes;
  }
  const isLeaf = ({ type }: LocalEntry) => type !== "directory";
  counter.unchanged = entries.filter(isLeaf).length - changed.filter(isLeaf).length;
  if (remote === undefined) await session.files.makeDirectory(remotePath, callOptions);
  if (changed.length > 0)
    await extractTree(session, remotePath, treeArchive(changed, counter, pace), changed.length, callOptions, counter);
}

async function extractTree(
  session: Pick<RestrictedSession, "files">,
  remotePath: string,
  source: AsyncGenerator<Uint8Array>,
  maxEntries: number,
  callOptions: { readonly signal?: AbortSignal },
  counter: CopyCounter,
): Promise<void> {
  let failure: { readonly error: unknown } | undefined;
  const archive = pulled(source, (error) => {
    failure = { error };
  });
  try {
    const limits = { maxEntries, maxTotalBytes: counter.totalBytes };
    const { skipped } = await session.files.extract(remotePath, archive, limits, callOptions);
    counter.skipped.push(...skipped);
  } catch (error) {
    // A provider sees a stream that failed; the reason is known here.
    throw failure?.error ?? error;
  }
}

/** A stream that asks for no more than its reader does. */
function pulled(
  source: AsyncGenerator<Uint8Array>,
  onError: (error: unknown) => void = () => {},
): ReadableStream<Uint8Array> {
  let isCancelled = false;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await source.next().catch((error: unknown) => {
          onError(error);
          throw error;
        });
        // Its reader may have left meanwhile.
        if (isCancelled) return;
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        isCancelled = true;
        await source.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
