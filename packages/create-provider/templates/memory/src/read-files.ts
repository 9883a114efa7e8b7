import { describeValue, type RunnerFileInfo, type RunnerFiles } from "@mooring/api";
import { type FileView, present, wrong } from "./file-view.js";
import { pathFields, shown } from "./path-bytes.js";
import type { MemoryNode } from "./tree.js";

const defaultMaxBytes = 16_777_216;
const chunkBytes = 65_536;

/** What the contract says of a node. */
export function infoOf(path: string, node: MemoryNode): RunnerFileInfo {
  return {
    ...pathFields(path),
    type: node.type,
    sizeBytes: node.type === "file" ? node.contents.length : 0,
    modifiedAtMs: node.modifiedAtMs,
    mode: node.mode,
    uid: 0,
    gid: 0,
    version: node.version,
  };
}

/** The calls that look at one file. */
export function readFiles(view: FileView): Pick<RunnerFiles, "read" | "readStream" | "stat"> {
  return {
    async read(path, { offset = 0, maxBytes = defaultMaxBytes, signal } = {}) {
      view.begin("files.read", signal);
      requireCount("offset", offset, "files.read");
      requireCount("maxBytes", maxBytes, "files.read");
      const file = view.fileAt(path, "files.read");
      const { contents: whole, version } = file.node;
      const contents = whole.slice(offset, offset + maxBytes);
      const truncated = offset + contents.length < whole.length;
      return { path: shown(file.path), contents, sizeBytes: whole.length, truncated, version };
    },

    async readStream(path, { offset = 0, signal } = {}) {
      view.begin("files.readStream", signal);
      requireCount("offset", offset, "files.readStream");
      // The contents of a file are never changed, only replaced: a reader goes on with what it began.
      const { contents } = view.fileAt(path, "files.readStream").node;
      let at = offset;
      return new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            const chunk = contents.slice(at, at + chunkBytes);
            at += chunk.length;
            if (chunk.length === 0) controller.close();
            else controller.enqueue(chunk);
          },
        },
        { highWaterMark: 0 },
      );
    },

    async stat(path, { signal } = {}) {
      view.begin("files.stat", signal);
      const found = present(view.place(path, "files.stat"), "files.stat");
      return infoOf(found.path, found.node);
    },
  };
}

function requireCount(option: string, value: number, operation: string): void {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw wrong(`Expected \`${option}\` to be a non-negative integer, got ${describeValue(value)}`, operation);
}
