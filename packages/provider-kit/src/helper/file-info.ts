import type { RunnerFileEvent, RunnerFileInfo, RunnerFileType, RunnerGrepMatch } from "@mooring/api";
import { decodeText } from "../text/text-bytes.js";
import { corrupt, type HelperRecord, readBytes, readNumber, readText } from "./record-reader.js";

const types: readonly RunnerFileType[] = ["file", "directory", "symlink", "other"];

/** A path of a record, with its bytes where they are no UTF-8. */
export function readPath(record: HelperRecord, key = "path"): { path: string; pathBytes?: Uint8Array } {
  const { text, bytes } = decodeText(readBytes(record, key));
  return bytes === undefined ? { path: text } : { path: text, pathBytes: bytes };
}

export function fileInfo(record: HelperRecord): RunnerFileInfo {
  const said = readText(record, "type");
  const target = record.get("target");
  return {
    ...readPath(record),
    type: types.find((type) => type === said) ?? "other",
    sizeBytes: readNumber(record, "size"),
    modifiedAtMs: readNumber(record, "mtimeMs"),
    mode: readNumber(record, "mode"),
    uid: readNumber(record, "uid"),
    gid: readNumber(record, "gid"),
    ...(target === undefined ? {} : { symlinkTarget: target.toString("utf8") }),
    version: readText(record, "version"),
  };
}

export function grepMatch(record: HelperRecord): RunnerGrepMatch {
  return {
    ...readPath(record),
    line: readNumber(record, "line"),
    text: readText(record, "text"),
    lineTruncated: record.has("cut"),
  };
}

export function fileEvent(record: HelperRecord): RunnerFileEvent {
  const type = readText(record, "type");
  switch (type) {
    case "overflow":
      return { type };
    case "renamed":
      return { type, fromPath: readText(record, "from"), path: readText(record, "path") };
    case "created":
    case "modified":
    case "removed":
      return { type, ...readPath(record) };
    default:
      throw corrupt(`a file event of the unknown type ${type.slice(0, 40)}`);
  }
}
