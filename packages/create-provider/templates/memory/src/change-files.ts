import type { RunnerFiles, Text } from "@mooring/api";
import { failure } from "./failure.js";
import { type FileView, present, taken, wrong } from "./file-view.js";
import { isWithin, keyOf, shown } from "./path-bytes.js";

type Changes = Pick<RunnerFiles, "write" | "makeDirectory" | "remove" | "rename" | "copy">;

/** The calls that change files. Each acts in one step, after all that has to be waited for. */
export function changeFiles(view: FileView): Changes {
  const { tree, roots } = view;

  /** Makes the directories that a path lies in, one by one, so that none of them is outside of the roots. */
  function makeParents(path: Text, operation: string): void {
    const names = keyOf(path).split("/");
    for (let count = 1; count < names.length; count += 1) {
      const above = names.slice(0, count).join("/");
      // A root is there; what lies above it is none of ours.
      if (above === "" || [roots.workspace, ...roots.writeRoots].some((root) => isWithin(root, above))) continue;
      const { path: at, node } = view.target(Buffer.from(above, "latin1"), operation);
      if (node?.type === "file") throw taken(at, operation);
      if (node === undefined) tree.putDirectory(at);
    }
  }

  function refuseRoot(path: string, operation: string): void {
    if (![roots.workspace, ...roots.writeRoots].some((root) => isWithin(root, path))) return;
    throw wrong(`Expected a path under a root, ${shown(path)} is a root itself`, operation);
  }

  function refuseInside(from: string, to: string, operation: string): void {
    if (isWithin(to, from)) throw wrong(`Expected \`to\` outside of ${shown(from)}, got ${shown(to)}`, operation);
  }

  return {
    async write(path, contents, { mode, ifVersion, createParents = false, signal } = {}) {
      const operation = "files.write";
      view.begin(operation, signal);
      const bytes = contents instanceof ReadableStream ? await collect(contents, signal) : copyOf(contents);
      view.begin(operation, signal);
      if (createParents) makeParents(path, operation);
      const target = view.target(path, operation);
      if (target.node?.type === "directory") {
        throw wrong(`Expected a file to write, ${shown(target.path)} is a directory`, operation);
      }
      if (ifVersion !== undefined && ifVersion !== (target.node?.version ?? null)) {
        throw failure("conflict", `${shown(target.path)} is not there in the version that was expected`, {
          operation,
          resource: "file",
        });
      }
      const { version } = tree.putFile(target.path, bytes, mode ?? target.node?.mode);
      return { version, sizeBytes: bytes.length };
    },

    async makeDirectory(path, { mode, signal } = {}) {
      const operation = "files.makeDirectory";
      view.begin(operation, signal);
      makeParents(path, operation);
      const target = view.target(path, operation);
      if (target.node?.type === "file") throw taken(target.path, operation);
      if (target.node === undefined) tree.putDirectory(target.path, mode);
    },

    async remove(path, { recursive = false, signal } = {}) {
      const operation = "files.remove";
      view.begin(operation, signal);
      const target = present(view.target(path, operation), operation);
      refuseRoot(target.path, operation);
      if (!recursive && tree.under(target.path).length > 0) {
        throw wrong(`Expected \`recursive: true\`, as ${shown(target.path)} is not empty`, operation);
      }
      tree.remove(target.path);
    },

    async rename(from, to, { signal } = {}) {
      const operation = "files.rename";
      view.begin(operation, signal);
      const source = present(view.target(from, operation), operation);
      const target = view.target(to, operation);
      refuseRoot(source.path, operation);
      refuseRoot(target.path, operation);
      if (target.path === source.path) return;
      refuseInside(source.path, target.path, operation);
      if (target.node !== undefined) {
        const fits = target.node.type === source.node.type && tree.under(target.path).length === 0;
        if (!fits) throw taken(target.path, operation);
      }
      tree.move(source.path, target.path);
    },

    async copy(from, to, { signal } = {}) {
      const operation = "files.copy";
      view.begin(operation, signal);
      const source = present(view.place(from, operation), operation);
      const target = view.target(to, operation);
      refuseInside(source.path, target.path, operation);
      if (target.node !== undefined && (target.node.type !== "file" || source.node.type !== "file")) {
        throw taken(target.path, operation);
      }
      tree.copy(source.path, target.path);
    },
  };
}

/** The caller's bytes may change after the call; what was written may not. */
function copyOf(contents: string | Uint8Array): Uint8Array {
  return typeof contents === "string" ? new TextEncoder().encode(contents) : contents.slice();
}

async function collect(stream: ReadableStream<Uint8Array>, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const sink = new WritableStream<Uint8Array>({ write: (chunk) => void chunks.push(chunk.slice()) });
  // An abort also ends a stream that says nothing.
  await stream.pipeTo(sink, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    if (signal?.aborted !== true) throw error;
  });
  return new Uint8Array(Buffer.concat(chunks));
}
