import type { JsonValue } from "@mooring/api";
import { digestOf } from "./digest.js";

const maxStringCharacters = 1_024;
const keptCharacters = 256;
const maxItems = 100;
const maxDepth = 8;
const maxTotalCharacters = 16_384;

/** A value short enough for an event: long strings are cut and carry their digest, long arrays their length. */
export function boundedJson(value: JsonValue): JsonValue {
  const bounded = bound(value, 0);
  const text = JSON.stringify(bounded);
  return text.length <= maxTotalCharacters ? bounded : cut(text);
}

function bound(value: JsonValue, depth: number): JsonValue {
  if (typeof value === "string") return value.length <= maxStringCharacters ? value : cut(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= maxDepth) return cut(JSON.stringify(value));
  if (Array.isArray(value)) {
    const items = value.slice(0, maxItems).map((item: JsonValue) => bound(item, depth + 1));
    return value.length <= maxItems ? items : [...items, `[${value.length - maxItems} more]`];
  }
  const entries = Object.entries(value);
  const kept = entries
    .slice(0, maxItems)
    .map(([key, item]) => [key.slice(0, keptCharacters), bound(item, depth + 1)] as const);
  return Object.fromEntries(
    entries.length <= maxItems ? kept : [...kept, ["...", `[${entries.length - maxItems} more]`]],
  );
}

function cut(text: string): string {
  const { sha256, sizeBytes } = digestOf(text);
  // A surrogate pair that the cut went through is no text.
  const head = text.slice(0, keptCharacters).replace(/[\uD800-\uDBFF]$/, "");
  return `${head} [${sizeBytes} bytes, sha256 ${sha256}]`;
}
