import { truncate, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type RunnerFileEvent, RunnerError } from "@mooring/api";
import { altered, withFiles } from "../altered.js";
import type { Mutant } from "../mutant.js";

/** Files that are read, written and listed wrongly. */
export const fileMutants: readonly Mutant[] = [
  {
    fault: "writes in place",
    check: "files.write-is-atomic",
    make: (provider) =>
      withFiles(provider, (files, { workspace }) => ({
        async write(path, contents, options) {
          const absolute = resolve(workspace, String(path));
          if (absolute.endsWith("/atomic") && typeof contents === "string") {
            await truncate(absolute).catch(() => undefined);
            for (let at = 0; at < contents.length; at += 50_000) {
              await writeFile(absolute, contents.slice(at, at + 50_000), { flag: "a" });
            }
            return { version: "1", sizeBytes: contents.length };
          }
          return await files.write(path, contents, options);
        },
      })),
  },
  {
    fault: "ignores the version that a writer expects",
    check: "files.write-by-version",
    make: (provider) =>
      withFiles(provider, (files) => ({
        write: (path, contents, options) => files.write(path, contents, { ...options, ifVersion: undefined }),
      })),
  },
  {
    fault: "ignores maxBytes",
    check: "files.read-ranges",
    make: (provider) =>
      withFiles(provider, (files) => ({
        read: (path, options) => files.read(path, { ...options, maxBytes: undefined }),
      })),
  },
  {
    fault: "never answers for a file that is missing",
    check: "files.what-is-no-file",
    make: (provider) =>
      withFiles(provider, (files) => ({
        read: (path, options) =>
          files.read(path, options).catch((error: unknown) => {
            if (RunnerError.is(error) && error.code === "not_found") return new Promise<never>(() => undefined);
            throw error;
          }),
      })),
  },
  {
    fault: "shows hidden files to every glob",
    check: "files.glob-table",
    make: (provider) =>
      withFiles(provider, (files) => ({
        glob: (pattern, options) => files.glob(pattern, { ...options, includeHidden: true }),
      })),
  },
  {
    fault: "throws errors of its own",
    check: "requests.errors-are-whole",
    make: (provider) =>
      withFiles(provider, (files) => ({
        read: (path, options) =>
          files.read(path, options).catch((error: unknown) => {
            throw new Error(`ENOENT: ${String(error)}`);
          }),
      })),
  },
  {
    fault: "follows links when it lists",
    check: "files.list-does-not-follow-links",
    make: (provider) =>
      withFiles(provider, (files) => ({
        list: (path, options) => {
          const listing = files.list(path, options);
          return altered(listing, () => ({
            async *[Symbol.asyncIterator]() {
              for await (const info of listing) {
                const followed = info.type === "symlink" ? await files.stat(info.path).catch(() => info) : info;
                yield { ...info, type: followed.type };
              }
            },
          }));
        },
      })),
  },
  {
    fault: "misses that a file was renamed",
    check: "files.watch-tells-changes",
    make: (provider) =>
      withFiles(provider, (files) => ({
        async watch(path, options) {
          const watch = await files.watch(path, options);
          async function* events(): AsyncGenerator<RunnerFileEvent> {
            for await (const event of watch) if (event.type !== "renamed") yield event;
          }
          return { [Symbol.asyncIterator]: events, [Symbol.asyncDispose]: () => watch[Symbol.asyncDispose]() };
        },
      })),
  },
  {
    fault: "leaves an aborted call running to its end",
    check: "files.aborted-write",
    make: (provider) =>
      withFiles(provider, (files) => ({
        write: (path, contents, { signal: _signal, ...options } = {}) => files.write(path, contents, options),
      })),
  },
];
