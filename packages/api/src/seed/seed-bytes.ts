import type { ReadAt } from "./seed-reader.js";
import { wrongField } from "./wrong-field.js";

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** What `String.fromCharCode` takes as arguments without trouble. */
const chunkBytes = 8_192;

/** Bytes as base64, or as the array of numbers that the seed's own writer makes. */
export const readBytes: ReadAt<Uint8Array> = (value, what, path) => {
  if (typeof value === "string" && base64.test(value)) {
    return Uint8Array.from(atob(value), (character) => character.charCodeAt(0));
  }
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      if (!Number.isInteger(item) || item < 0 || item > 255) {
        throw wrongField(what, `${path}.${index}`, "a whole number from 0 to 255", item);
      }
    });
    return Uint8Array.from(value as number[]);
  }
  throw wrongField(what, path, "bytes: base64 with its padding, or an array of numbers", value);
};

/** Bytes as base64 with its padding. */
export function writeBytes(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    text += String.fromCharCode(...bytes.subarray(start, start + chunkBytes));
  }
  return btoa(text);
}
