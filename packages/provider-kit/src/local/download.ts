import { constants } from "node:fs";
import { lstat, mkdir, open, rename, stat, symlink, unlink } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { dirname, join, posix } from "node:path";
import { Readable } from "node:stream";
import { type RestrictedSession, RunnerError } from "@mooring/api";
import ignore, { type Ignore } from "ignore";
import { extract, type Header } from "tar-stream";
import { CopyCounter, type CopyProgress, type CopyReport } from "./copy-progress.js";
import { localError } from "./local-error.js";

/** How a file or tree of a session is copied to this host. */
export interface DownloadOptions {
  /** Patterns as in a `.gitignore`, matched under the directory. @default [] */
  readonly ignore?: readonly string[];
  readonly onProgress?: (progress: CopyProgress) => void;
  readonly signal?: AbortSignal;
}

/** What comes in small pieces is written in pieces of this size. */
const writeBytes = 1_048_576;

/** What `tar-stream` yields, with its chunks typed. */
type TarEntry = AsyncIterable<Uint8Array> & { readonly header: Header; resume(): unknown };

type Files = Pick<RestrictedSession, "files">;

/**
 * Copies a session's file or directory to this host. A directory becomes `localPath`; a file becomes `localPath`, or goes into
 * it when that is a directory. The far side is not trusted: names that leave the target reject with `corrupt`, links that would
 * leave it are skipped and reported, links already in the target are not followed, set-id bits are dropped.
 */
export async function download(
  session: Files,
  remotePath: string,
  localPath: string,
  options: DownloadOptions = {},
): Promise<CopyReport> {
  options.signal?.throwIfAborted();
  const callOptions = options.signal === undefined ? {} : { signal: options.signal };
  const counter = new CopyCounter(options.onProgress);
  const info = await session.files.stat(remotePath, callOptions);
  if (info.type === "directory") {
    await downloadTree(session, remotePath, localPath, options, counter);
  } else {
    counter.totalFiles = 1;
    counter.totalBytes = info.sizeBytes;
    const into = await stat(localPath).catch(() => undefined);
    const target = into?.isDirectory() === true ? join(localPath, posix.basename(info.path)) : localPath;
    const contents = await session.files.readStream(remotePath, callOptions);
    await writeFile(target, contents as unknown as AsyncIterable<Uint8Array>, info.mode, counter);
  }
  return counter.report();
}

async function downloadTree(
  session: Files,
  remotePath: string,
  localPath: string,
  options: DownloadOptions,
  counter: CopyCounter,
): Promise<void> {
  const callOptions = options.signal === undefined ? {} : { signal: options.signal };
  const ignored = ignore().add([...(options.ignore ?? [])]);
  await mkdir(localPath, { recursive: true }).catch((error: unknown) => {
    throw localError(error, localPath, "make");
  });
  const archive = await session.files.archive(remotePath, callOptions);
  const entries = extract();
  const source = Readable.fromWeb(archive as Parameters<typeof Readable.fromWeb>[0]);
  source.once("error", (error) => entries.destroy(error));
  source.pipe(entries as unknown as NodeJS.WritableStream);
  // Links are made last, so that no entry can be written through one that came before it.
  const links: { path: string; target: string }[] = [];
  try {
    for await (const entry of entries) {
      await receiveEntry(entry as unknown as TarEntry, localPath, ignored, links, counter);
    }
    for (const link of links) await makeLink(localPath, link, counter);
  } catch (error) {
    if (RunnerError.is(error)) throw error;
    throw new RunnerError("corrupt", `The far side sent no tar archive of ${remotePath}`, {
      operation: "download",
      resource: "file",
      retryable: false,
      details: { path: remotePath },
      cause: error,
    });
  } finally {
    source.destroy();
  }
}

async function receiveEntry(
  entry: TarEntry,
  top: string,
  ignored: Ignore,
  links: { path: string; target: string }[],
  counter: CopyCounter,
): Promise<void> {
  const path = safeName(entry.header.name);
  const { type } = entry.header;
  if (path === "" || ignored.ignores(type === "directory" ? `${path}/` : path)) {
    entry.resume();
    return;
  }
  if (type === "file" || type === "contiguous-file") {
    await makeParents(top, path, counter);
    await writeFile(join(top, path), entry, entry.header.mode, counter);
    return;
  }
  entry.resume();
  if (type === "directory") await makeDirectory(top, path, counter);
  else if (type === "symlink") links.push({ path, target: entry.header.linkname });
  else counter.skipped.push({ path, reason: `entries of type ${type} are not copied` });
}

/** An entry's name under the target: no absolute one, no step upwards, no NUL byte. */
function safeName(name: string): string {
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (name.startsWith("/") || parts.includes("..") || name.includes("\0")) {
    throw new RunnerError(
      "corrupt",
      `The far side's archive has the name ${JSON.stringify(name)}, which leaves the target`,
      {
        retryable: false,
        resource: "file",
      },
    );
  }
  return parts.join("/");
}

async function makeParents(top: string, path: string, counter: CopyCounter): Promise<void> {
  const parent = posix.dirname(path);
  if (parent !== ".") await makeDirectory(top, parent, counter);
}

async function makeDirectory(top: string, path: string, counter: CopyCounter): Promise<void> {
  let at = top;
  for (const part of path.split("/")) {
    at = join(at, part);
    const there = await lstat(at).catch(() => undefined);
    if (there === undefined) {
      await mkdir(at).catch((error: unknown) => {
        throw localError(error, at, "make");
      });
      counter.directories += 1;
    } else if (!there.isDirectory()) {
      throw new RunnerError("already_exists", `Expected a directory at the local path ${at}`, {
        resource: "file",
        details: { path: at },
      });
    }
  }
}

async function writeFile(
  path: string,
  contents: AsyncIterable<Uint8Array>,
  mode: number,
  counter: CopyCounter,
): Promise<void> {
  const temporary = join(dirname(path), `.${randomBytes(16).toString("hex")}`);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  try {
    const file = await open(temporary, flags, mode & 0o777);
    try {
      let gathered: Uint8Array[] = [];
      let bytes = 0;
      for await (const chunk of contents) {
        gathered.push(chunk);
        bytes += chunk.length;
        counter.moved(chunk.length);
        if (bytes < writeBytes) continue;
        await file.appendFile(Buffer.concat(gathered, bytes));
        [gathered, bytes] = [[], 0];
      }
      if (bytes > 0) await file.appendFile(Buffer.concat(gathered, bytes));
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw localError(error, path, "write");
  }
  counter.file();
}

async function makeLink(
  top: string,
  link: { readonly path: string; readonly target: string },
  counter: CopyCounter,
): Promise<void> {
  const destination = posix.normalize(posix.join(posix.dirname(link.path), link.target));
  if (posix.isAbsolute(link.target) || destination === ".." || destination.startsWith("../")) {
    counter.skipped.push({ path: link.path, reason: `it links to ${link.target}, outside the target` });
    return;
  }
  await makeParents(top, link.path, counter);
  const path = join(top, link.path);
  const temporary = join(dirname(path), `.${randomBytes(16).toString("hex")}`);
  try {
    await symlink(link.target, temporary);
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw localError(error, path, "link");
  }
  counter.links += 1;
}
