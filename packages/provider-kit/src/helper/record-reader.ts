import { RunnerError } from "@mooring/api";
import { recordEnd } from "./frame-types.js";

/** A record from the far side: untrusted until each field is read through these functions. */
export type HelperRecord = ReadonlyMap<string, Buffer>;

/** What the far side said cannot be true; the session cannot go on. */
export function corrupt(message: string): RunnerError {
  return new RunnerError("corrupt", `The helper on the far side sent ${message}`, {
    resource: "session",
    retryable: false,
  });
}

/** Throws `corrupt` unless the bytes are pairs of key and value to the last byte. */
export function readRecord(bytes: Buffer): HelperRecord {
  const record = new Map<string, Buffer>();
  let at = 0;
  while (at < bytes.length) {
    const keyLength = bytes[at] ?? 0;
    const valueAt = at + 1 + keyLength + 4;
    if (valueAt > bytes.length) throw corrupt("a record that is cut off");
    const valueLength = bytes.readUInt32BE(valueAt - 4);
    const end = valueAt + valueLength;
    if (end > bytes.length) throw corrupt("a record that is cut off");
    record.set(bytes.toString("latin1", at + 1, at + 1 + keyLength), bytes.subarray(valueAt, end));
    at = end;
  }
  return record;
}

/** The record that a frame consists of. Throws `corrupt` for one without its last field. */
export function readFrameRecord(bytes: Buffer): HelperRecord {
  const record = readRecord(bytes);
  if (bytes.at(-1) !== recordEnd.value.charCodeAt(0) || record.get(recordEnd.key)?.length !== recordEnd.value.length) {
    throw corrupt("a record that does not end as one");
  }
  return record;
}

/** Throws `corrupt` unless the bytes are values with their lengths to the last byte. */
export function readList(bytes: Buffer | undefined): Buffer[] {
  const items: Buffer[] = [];
  if (bytes === undefined) return items;
  let at = 0;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) throw corrupt("a list that is cut off");
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) throw corrupt("a list that is cut off");
    items.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return items;
}

export function readBytes(record: HelperRecord, key: string): Buffer {
  const value = record.get(key);
  if (value === undefined) throw corrupt(`a record without \`${key}\``);
  return value;
}

export function readText(record: HelperRecord, key: string): string {
  return readBytes(record, key).toString("utf8");
}

export function readNumber(record: HelperRecord, key: string): number {
  return toNumber(readBytes(record, key), key);
}

export function readNumbers(record: HelperRecord, key: string): number[] {
  return readList(record.get(key)).map((item) => toNumber(item, key));
}

/** Any number, with a sign and a fraction, within what can be counted exactly. */
function toNumber(bytes: Buffer, key: string): number {
  const text = bytes.length <= 24 ? bytes.toString("latin1") : "";
  const value = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    throw corrupt(`a record whose \`${key}\` is no number`);
  }
  return value;
}
