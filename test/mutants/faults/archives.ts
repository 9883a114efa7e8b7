import { link, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { withFiles } from "../altered.js";
import type { Mutant } from "../mutant.js";

interface Entry {
  readonly name: string;
  readonly type: string;
  readonly target: string;
  readonly contents: Buffer;
}

function* entriesOf(archive: Buffer): Generator<Entry> {
  const text = (from: number, length: number) => archive.toString("latin1", from, from + length).replace(/\0.*$/s, "");
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0;) {
    const size = Number.parseInt(text(at + 124, 12), 8) || 0;
    const contents = archive.subarray(at + 512, at + 512 + size);
    yield { name: text(at, 100), type: text(at + 156, 1), target: text(at + 157, 100), contents };
    at += 512 + Math.ceil(size / 512) * 512;
  }
}

/** In the way of a program that looks at names only, and at none of the links. */
async function unpack(directory: string, { name, type, target, contents }: Entry): Promise<void> {
  const path = join(directory, name);
  if (name.startsWith("/") || name.includes("..")) return;
  await mkdir(dirname(path), { recursive: true });
  if (type === "2" || type === "1") await rm(path, { force: true });
  if (type === "2") await symlink(target, path);
  else if (type === "1") await link(join(directory, target), path);
  else if (type === "5") await mkdir(path, { recursive: true });
  else await writeFile(path, contents);
}

/** Archives that lack something, or are believed. */
export const archiveMutants: readonly Mutant[] = [
  {
    fault: "leaves files out of an archive",
    check: "files.archive-roundtrip",
    make: (provider) =>
      withFiles(provider, (files) => ({
        archive: (path, options) => files.archive(path, { ...options, exclude: [...(options?.exclude ?? []), "*.sh"] }),
      })),
  },
  {
    fault: "does not tell what an archive lacks",
    check: "hostile.archive-tells-what-it-lacks",
    make: (provider) =>
      withFiles(provider, (files) => ({
        extract: async (path, archive, limits, options) => ({
          ...(await files.extract(path, archive, limits, options)),
          skipped: [],
        }),
      })),
  },
  {
    fault: "unpacks whatever comes",
    check: "files.extract-limits",
    make: (provider) =>
      withFiles(provider, (files) => ({
        extract: (path, archive, _limits, options) =>
          files.extract(path, archive, { maxEntries: 100_000, maxTotalBytes: 1_000_000_000 }, options),
      })),
  },
  {
    fault: "follows the links that it unpacks",
    check: "confinement.extract-stays",
    make: (provider) =>
      withFiles(provider, (_files, { workspace }) => ({
        async extract(path, archive) {
          const pieces: Uint8Array[] = [];
          for await (const piece of archive) pieces.push(piece);
          let entries = 0;
          for (const entry of entriesOf(Buffer.concat(pieces))) {
            await unpack(resolve(workspace, String(path)), entry).catch(() => undefined);
            entries += 1;
          }
          return { entries, totalBytes: 0, skipped: [] };
        },
      })),
  },
];
