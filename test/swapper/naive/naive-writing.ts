import { cp, mkdir, rename, rm, stat, symlink, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { RunnerError, type RunnerFiles } from "@mooring/api";
import { type NaivePaths, withRunnerErrors } from "./naive-paths.js";
import { versionOf } from "./naive-reading.js";
import { tarEntries } from "./tar-entries.js";

type Writing = Pick<RunnerFiles, "write" | "makeDirectory" | "remove" | "rename" | "copy" | "extract">;

export function naiveWriting({ checked, checkedNew, checkedName }: NaivePaths): Writing {
  return {
    async write(path, contents, { ifVersion, createParents = false } = {}) {
      const real = await checkedNew(path);
      return await withRunnerErrors(async () => {
        if (createParents) await mkdir(dirname(real), { recursive: true });
        if (typeof ifVersion === "string" && (await versionOf(real)) !== ifVersion) {
          throw new RunnerError("conflict", "the file was changed by someone else");
        }
        const bytes = contents instanceof ReadableStream ? await collected(contents) : contents;
        await writeFile(real, bytes, { flag: ifVersion === null ? "wx" : "w" });
        return { version: await versionOf(real), sizeBytes: bytes.length };
      });
    },
    async makeDirectory(path) {
      const real = await checkedNew(path);
      await withRunnerErrors(async () => await mkdir(real, { recursive: true }));
    },
    async remove(path, { recursive = false } = {}) {
      const real = await checkedName(path);
      await withRunnerErrors(async () => await (recursive ? rm(real, { recursive }) : unlink(real)));
    },
    async rename(from, to) {
      const source = await checkedName(from);
      const target = await checkedName(to);
      await withRunnerErrors(async () => await rename(source, target));
    },
    async copy(from, to) {
      const source = await checked(from);
      const target = await checkedNew(to);
      await withRunnerErrors(async () => await cp(source, target, { recursive: true, verbatimSymlinks: true }));
    },
    async extract(path, archive) {
      const entries = tarEntries(await collected(archive));
      for (const { name, type, contents, linkName } of entries) {
        const real = await checkedNew(join(String(path), name));
        await withRunnerErrors(async () => {
          if (type === "5") await mkdir(real, { recursive: true });
          else if (type === "2") await symlink(linkName, real);
          else await writeFile(real, contents);
        });
      }
      await withRunnerErrors(async () => await stat(await checked(path)));
      return { entries: entries.length, totalBytes: 0, skipped: [] };
    },
  };
}

async function collected(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
