import { lstat, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { RunnerFileInfo, RunnerFiles, RunnerGrepMatch, RunnerListing } from "@mooring/api";
import { type NaivePaths, withRunnerErrors } from "./naive-paths.js";

type Reading = Pick<RunnerFiles, "read" | "readStream" | "stat" | "list" | "glob" | "grep" | "archive">;

export function naiveReading({ checked, checkedName }: NaivePaths): Reading {
  return {
    async read(path, { offset = 0, maxBytes = 16_777_216 } = {}) {
      const real = await checked(path);
      return await withRunnerErrors(async () => {
        const contents = await readFile(real);
        return {
          path: real,
          contents: contents.subarray(offset, offset + maxBytes),
          sizeBytes: contents.length,
          truncated: contents.length > offset + maxBytes,
          version: await versionOf(real),
        };
      });
    },
    async readStream(path) {
      const real = await checked(path);
      return await withRunnerErrors(async () => streamOf(await readFile(real)));
    },
    async stat(path, { followSymlinks = true } = {}) {
      const real = await (followSymlinks ? checked(path) : checkedName(path));
      return await withRunnerErrors(async () => await infoOf(real, followSymlinks));
    },
    list: (path, { depth = 1 } = {}) => listing(async () => await walked(await checked(path), depth)),
    glob: (_pattern, { cwd = "." } = {}) => listing(async () => await walked(await checked(cwd), 99)),
    grep: (_pattern, { path = "." } = {}) =>
      listing(async () => {
        const matches: RunnerGrepMatch[] = [];
        for (const { file, contents } of await contentsUnder(await checked(path))) {
          matches.push({ path: file, line: 1, text: contents.toString(), lineTruncated: false });
        }
        return matches;
      }),
    // No archive that anybody could unpack, but all that would be in one.
    async archive(path) {
      const files = await withRunnerErrors(async () => await contentsUnder(await checked(path)));
      return streamOf(Buffer.concat(files.flatMap(({ file, contents }) => [Buffer.from(file), contents])));
    },
  };
}

/** The same for as long as nobody writes, which is all that the races ask of it. */
export async function versionOf(path: string): Promise<string> {
  const { mtimeNs, size, ino } = await stat(path, { bigint: true });
  return [mtimeNs, size, ino].join(":");
}

async function infoOf(path: string, follow: boolean): Promise<RunnerFileInfo> {
  const status = follow ? await stat(path) : await lstat(path);
  const type = status.isDirectory() ? "directory" : status.isSymbolicLink() ? "symlink" : "file";
  const { size: sizeBytes, mtimeMs: modifiedAtMs, mode, uid, gid } = status;
  return { path, type, sizeBytes, modifiedAtMs, mode: mode & 0o7777, uid, gid, version: "1" };
}

/** Everything under a directory, by paths; a directory is entered because it was one a moment ago. */
async function walked(directory: string, depth: number): Promise<RunnerFileInfo[]> {
  const infos: RunnerFileInfo[] = [];
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    // What is a link is told as one; the rest is looked at.
    infos.push(await infoOf(path, !entry.isSymbolicLink()));
    if (entry.isDirectory() && depth > 1) infos.push(...(await walked(path, depth - 1)));
  }
  return infos;
}

async function contentsUnder(path: string): Promise<{ file: string; contents: Buffer }[]> {
  if (!(await stat(path)).isDirectory()) return [{ file: path, contents: await readFile(path) }];
  const found: { file: string; contents: Buffer }[] = [];
  for (const { path: file, type } of await walked(path, 99)) {
    if (type === "file") found.push({ file, contents: await readFile(file) });
  }
  return found;
}

function listing<Item>(collect: () => Promise<Item[]>): RunnerListing<Item> {
  return {
    truncated: false,
    async *[Symbol.asyncIterator]() {
      yield* await withRunnerErrors(collect);
    },
  };
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
}
