import type { RunnerCallOptions, Text } from "@mooring/api";
import { type FileContext, startFileCall } from "./file-context.js";
import { streamOfBytes } from "./file-read.js";
import { exclusion } from "./file-walk.js";
import { type TarEntry, tarPadding } from "./tar/tar-entry.js";
import { readTar } from "./tar/tar-reader.js";
import { tarEnd, tarHeader } from "./tar/tar-writer.js";

/**
 * The far side's `tar` walks and reads; here its archive is written anew, whichever dialect it spoke: names relative, what is
 * excluded left out, and what is neither file, directory nor link without contents. (It has no sockets: no dialect has.)
 */
export async function archiveFiles(
  context: FileContext,
  path: Text,
  options: { readonly exclude?: readonly string[] } & RunnerCallOptions,
): Promise<ReadableStream<Uint8Array>> {
  const excluded = exclusion(options.exclude);
  const call = await startFileCall(context, {
    operation: "files.archive",
    script: "file-archive",
    path,
    access: "read",
    options,
  });
  call.process.stdin.end();
  const source = call.payload();
  // The first bytes tell that the archive has begun, or what is wrong with the path.
  const first = await source.next();
  const bytes = rewritten(readTar(resumed(first, source)), excluded);
  return streamOfBytes(
    async () => {
      const { done, value } = await bytes.next();
      return done === true ? undefined : value;
    },
    async () => {
      await bytes.return();
      await source.return();
    },
  );
}

async function* resumed(
  first: IteratorResult<Buffer, void>,
  source: AsyncGenerator<Buffer, void, undefined>,
): AsyncGenerator<Buffer, void, undefined> {
  if (first.done !== true) yield first.value;
  yield* source;
}

async function* rewritten(
  items: ReturnType<typeof readTar>,
  excluded: (path: string) => boolean,
): AsyncGenerator<Buffer, void, undefined> {
  const left = new Set<string>();
  for await (const { entry, contents } of items) {
    const name = entry.name.replace(/^(?:\.\/+)+/, "").replace(/\/+$/, "");
    const target = entry.type === "hardlink" ? entry.target.replace(/^(?:\.\/+)+/, "") : entry.target;
    if (name === "" || name === "." || excluded(name)) continue;
    // A second name of a file whose first one was left out has no contents to point to.
    if (entry.type === "hardlink" && !left.has(target)) continue;
    if (entry.type !== "directory") left.add(name);
    const sizeBytes = entry.type === "other" ? 0 : entry.sizeBytes;
    const shown = entry.type === "directory" ? `${name}/` : name;
    yield tarHeader({ ...entry, name: shown, target, sizeBytes } satisfies TarEntry);
    if (sizeBytes > 0) yield* contents();
    const padding = tarPadding(sizeBytes);
    if (padding > 0) yield Buffer.alloc(padding);
  }
  yield tarEnd;
}
