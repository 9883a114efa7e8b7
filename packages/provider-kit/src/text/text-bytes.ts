import type { Text } from "@mooring/api";
import { expected, invalidRequest } from "../errors/expected.js";

const replacement = 0xfffd;

/** The bytes of a path, an argument or a name. Rejects with `invalid_request` for a NUL byte, and for what is not text. */
export function textBytes(value: Text, option: string): Uint8Array {
  if (typeof value === "string") {
    if (value.includes("\0")) throw nulByte(option);
    return Buffer.from(value, "utf8");
  }
  if (!(value instanceof Uint8Array)) throw expected(option, "a string or a Uint8Array", value);
  if (value.includes(0)) throw nulByte(option);
  return value;
}

/** A path's bytes: text that is not empty. */
export function pathBytes(value: Text, option: string): Uint8Array {
  const bytes = textBytes(value, option);
  if (bytes.length === 0) throw expected(option, "a path that is not empty", value);
  return bytes;
}

function nulByte(option: string): Error {
  return invalidRequest(`Expected \`${option}\` to be without NUL bytes, got one with a NUL byte`, {
    details: { option },
  });
}

/** Decoded as UTF-8, and the bytes themselves where that is not the whole truth. */
export function decodeText(bytes: Uint8Array): { text: string; bytes?: Uint8Array } {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  if (!text.includes(String.fromCharCode(replacement))) return { text };
  return Buffer.from(text, "utf8").equals(bytes) ? { text } : { text, bytes: Uint8Array.from(bytes) };
}
