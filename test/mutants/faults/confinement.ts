import { readFile, readdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type RunnerDestination, type RunnerListing, RunnerError } from "@mooring/api";
import { altered, withFiles, withSessions } from "../altered.js";
import { naiveProvider } from "../../swapper/naive-provider.js";
import type { Mutant } from "../mutant.js";

function listing<Item>(items: () => AsyncGenerator<Item>): RunnerListing<Item> {
  return { truncated: false, [Symbol.asyncIterator]: items };
}

/** Ways out of the workspace. */
export const confinementMutants: readonly Mutant[] = [
  {
    fault: "resolves paths naively",
    check: "confinement.read",
    make: (provider) =>
      withFiles(provider, (_files, { workspace }) => ({
        async read(path) {
          const absolute = resolve(workspace, String(path));
          const contents = await readFile(absolute);
          return { path: absolute, contents, sizeBytes: contents.length, truncated: false, version: "1" };
        },
      })),
  },
  {
    fault: "checks a path by the beginning of its text",
    check: "confinement.write",
    make: (provider) =>
      withFiles(provider, (files, { workspace }) => ({
        async write(path, contents, options) {
          const absolute = resolve(workspace, String(path));
          if (!absolute.startsWith(workspace)) throw new RunnerError("path_escape", "outside");
          if (absolute.startsWith(`${workspace}/`)) return await files.write(path, contents, options);
          await writeFile(absolute, contents as string);
          return { version: "1", sizeBytes: 1 };
        },
      })),
  },
  {
    fault: "claims a confinement that it does not have",
    check: "confinement.commands-cannot-write-outside",
    make: (provider) => {
      const unconfined = (destination: RunnerDestination): RunnerDestination => ({
        ...destination,
        config: { ...(destination.config as object), confinement: "none" },
      });
      const claiming = withSessions(provider, ({ capabilities }) => ({
        capabilities: { ...capabilities, commands: { ...capabilities.commands, confinement: "workspace-write" } },
      }));
      return altered(claiming, (own) => ({
        createSession: (destination, options) => own.createSession(unconfined(destination), options),
      }));
    },
  },
  {
    fault: "globs wherever its directory leads",
    check: "confinement.glob",
    make: (provider) =>
      withFiles(provider, (files, { workspace }) => ({
        glob: (_pattern, options) =>
          listing(async function* () {
            const directory = resolve(workspace, String(options?.cwd ?? "."));
            const info = await files.stat(".");
            for (const name of await readdir(directory)) yield { ...info, path: join(directory, name) };
          }),
      })),
  },
  {
    fault: "searches wherever its path leads",
    check: "confinement.grep",
    make: (provider) =>
      withFiles(provider, (_files, { workspace }) => ({
        grep: (pattern, options) =>
          listing(async function* () {
            const path = resolve(workspace, String(options?.path ?? "."));
            const lines = (await readFile(path, "utf8")).split("\n");
            for (const [index, text] of lines.entries()) {
              if (text.includes(pattern)) yield { path, line: index + 1, text, lineTruncated: false };
            }
          }),
      })),
  },
  {
    fault: "checks a path, and then uses it",
    check: "confinement.race-write-new",
    make: (provider) => naiveProvider(provider),
  },
];
