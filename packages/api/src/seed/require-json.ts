import type { JsonValue } from "../json.js";
import { wrongField } from "./wrong-field.js";

/** Deeper than any real configuration, and far from the end of the stack. */
const maxDepth = 500;

/** Gives the very same value back when JSON can carry it, and throws `invalid_request` when not. Nothing is copied or renamed. */
export function requireJson(value: unknown, what: string, path: string): JsonValue {
  check(value, what, path, 0);
  return value as JsonValue;
}

function check(value: unknown, what: string, path: string, depth: number): void {
  if (depth > maxDepth) {
    throw wrongField(what, path, `JSON that is at most ${maxDepth} levels deep`, value);
  }
  if (value === null || typeof value === "string" || typeof value === "boolean") return;
  if (typeof value === "number" && Number.isFinite(value)) return;
  if (Array.isArray(value)) {
    // By its entries: `forEach` passes over holes, which JSON cannot carry.
    for (const [index, item] of value.entries()) check(item, what, `${path}.${index}`, depth + 1);
    return;
  }
  if (typeof value === "object" && isPlain(value)) {
    for (const [key, item] of Object.entries(value)) check(item, what, `${path}.${key}`, depth + 1);
    return;
  }
  throw wrongField(what, path, "a value that JSON can carry", value);
}

/** A class instance (a Date, a Map) would not come back as what it was. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
