import type { RunnerFileInfo, RunnerFileType } from "@mooring/api";
import { decodeText } from "../text/text-bytes.js";

/** The words that make `stat` write one record. */
export interface StatWords {
  readonly option: string;
  readonly format: string;
  /** The part of it that is a file's version. */
  readonly versionFormat: string;
  /** `mode|uid:gid`. */
  readonly modeFormat: string;
  readonly deviceFormat: string;
  /** Each name, then the nonce. */
  readonly nameFormat: string;
}

/** GNU's and BusyBox's `stat` speak one language, BSD's another. A name is followed by the nonce, as it may hold anything. */
export function statWords(flavour: "gnu" | "bsd", nonce: string): StatWords {
  if (flavour === "bsd") {
    return {
      option: "-f",
      format: `%Xp|%u|%g|%Fm|%d:%i:%z:%Fm:%Fc|%N ${nonce}|%Y ${nonce}`,
      versionFormat: "%d:%i:%z:%Fm:%Fc",
      modeFormat: "%Lp|%u:%g",
      deviceFormat: "%d",
      nameFormat: `%N ${nonce}`,
    };
  }
  return {
    option: "-c",
    format: `%f|%u|%g|%Y %y|%d:%i:%s:%y:%z|%n ${nonce}|%N ${nonce}`,
    versionFormat: "%d:%i:%s:%y:%z",
    modeFormat: "%a|%u:%g",
    deviceFormat: "%d",
    nameFormat: `%n ${nonce}`,
  };
}

/** A record of `stat`: the name as the script gave it, in latin1, and what stands beside it. */
export interface StatRecord {
  readonly name: string;
  readonly type: RunnerFileType;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly version: string;
  readonly target: string | undefined;
}

const pattern = /^([0-9a-f]{1,8})\|(\d{1,15})\|(\d{1,15})\|([^|]+)\|([^|]+)\|/i;
const types: Readonly<Record<number, RunnerFileType>> = {
  0o100000: "file",
  0o040000: "directory",
  0o120000: "symlink",
};

/** Reads one record without its final nonce; `undefined` for what is none. */
export function readStatRecord(text: string, nonce: string): StatRecord | undefined {
  const fields = pattern.exec(text);
  if (fields === null) return undefined;
  const [head, rawMode = "", uid, gid, modified = "", version = ""] = fields;
  const names = text.slice(head.length);
  const split = names.indexOf(` ${nonce}|`);
  if (split === -1) return undefined;
  const name = names.slice(0, split);
  const mode = Number.parseInt(rawMode, 16);
  const type = types[mode & 0o170000] ?? "other";
  const sizeBytes = Number(version.split(":")[2] ?? Number.NaN);
  const modifiedAtMs = milliseconds(modified);
  if (!Number.isSafeInteger(sizeBytes) || !Number.isFinite(modifiedAtMs)) return undefined;
  return {
    name,
    type,
    sizeBytes,
    modifiedAtMs,
    mode: mode & 0o7777,
    uid: Number(uid),
    gid: Number(gid),
    version,
    target: type === "symlink" ? linkTarget(names.slice(split + nonce.length + 2), name) : undefined,
  };
}

/** `seconds date time.nanoseconds zone`, or `seconds.nanoseconds`. */
function milliseconds(text: string): number {
  const seconds = Number.parseInt(text, 10);
  const fraction = /\.(\d{3})/.exec(text)?.[1] ?? "0";
  return seconds * 1_000 + Number(fraction);
}

/** `name -> target`, with or without quotes, or the target alone. */
function linkTarget(text: string, name: string): string {
  for (const [open, close] of [
    [`${name} -> `, ""],
    [`'${name}' -> '`, "'"],
  ] as const) {
    if (text.startsWith(open) && text.endsWith(close)) return text.slice(open.length, text.length - close.length);
  }
  return text;
}

/** What the contract says of a file, for a record and the absolute path that it belongs to. */
export function fileInfo(record: StatRecord, path: string): RunnerFileInfo {
  const { text, bytes } = decodeText(Buffer.from(path, "latin1"));
  return {
    path: text,
    ...(bytes === undefined ? {} : { pathBytes: bytes }),
    type: record.type,
    sizeBytes: record.sizeBytes,
    modifiedAtMs: record.modifiedAtMs,
    mode: record.mode,
    uid: record.uid,
    gid: record.gid,
    ...(record.target === undefined ? {} : { symlinkTarget: decodeText(Buffer.from(record.target, "latin1")).text }),
    version: record.version,
  };
}
