import type { JsonValue } from "../json.js";
import type { RunnerError } from "../runner-error.js";
import { requireJson } from "./require-json.js";
import { wrongField } from "./wrong-field.js";

/** How a codec reads a value that stands at `path` in a `what`. */
export type ReadAt<Value> = (value: unknown, what: string, path: string) => Value;

/**
 * Reads the fields of one JSON object by their snake_case names; the camelCase spelling is accepted too, but not
 * both at once. Keys that are not asked for are ignored, as the seed's own reader does.
 */
export class SeedReader {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #what: string;
  readonly #path: string;

  /**
   * @param what names the whole value in messages: "destination"
   * @param path where this object stands in it; empty for the value itself
   */
  constructor(value: unknown, what: string, path = "") {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw wrongField(what, path, "an object", value);
    }
    this.#fields = value as Readonly<Record<string, unknown>>;
    this.#what = what;
    this.#path = path;
  }

  /** Whether the field is there at all, in either spelling. */
  has(name: string): boolean {
    return this.#raw(name) !== undefined;
  }

  /** A string; empty only where that is said to be fine. */
  string(name: string, options: { readonly mayBeEmpty?: boolean } = {}): string {
    const value = this.#raw(name);
    const isFine = typeof value === "string" && (options.mayBeEmpty === true || value !== "");
    if (!isFine) {
      throw this.wrong(name, options.mayBeEmpty === true ? "a string" : "a string that is not empty");
    }
    if (value.includes("\0")) throw this.wrong(name, "a string without NUL");
    return value;
  }

  /** A string, or `null` where it is `null` or absent. */
  nullableString(name: string): string | null {
    return this.#isNullish(name) ? null : this.string(name, { mayBeEmpty: true });
  }

  /** `true` or `false`; required unless a default is given. */
  boolean(name: string, byDefault?: boolean): boolean {
    const value = this.#raw(name);
    if (value === undefined && byDefault !== undefined) return byDefault;
    if (typeof value !== "boolean") throw this.wrong(name, "true or false");
    return value;
  }

  /** A whole number within the bounds, both included. */
  integer(name: string, minimum: number, maximum: number): number {
    const value = this.#raw(name);
    if (!Number.isInteger(value) || (value as number) < minimum || (value as number) > maximum) {
      throw this.wrong(name, `a whole number from ${minimum} to ${maximum}`);
    }
    return value as number;
  }

  nullableInteger(name: string, minimum: number, maximum: number): number | null {
    return this.#isNullish(name) ? null : this.integer(name, minimum, maximum);
  }

  /** Free JSON: its own keys are nobody's business here. Absent is `null`. */
  json(name: string): JsonValue {
    const value = this.#raw(name);
    return value === undefined ? null : requireJson(value, this.#what, this.pathOf(name));
  }

  /** A list; absent is the empty one. */
  list<Item>(name: string, read: ReadAt<Item>): Item[] {
    const value = this.#raw(name);
    if (value === undefined) return [];
    if (!Array.isArray(value)) throw this.wrong(name, "an array");
    return value.map((item, index) => read(item, this.#what, `${this.pathOf(name)}.${index}`));
  }

  /** A value that another codec reads. */
  nested<Value>(name: string, read: ReadAt<Value>): Value {
    return read(this.#raw(name), this.#what, this.pathOf(name));
  }

  /** A value that another codec reads, or `null` where it is `null` or absent. */
  nullable<Value>(name: string, read: ReadAt<Value>): Value | null {
    return this.#isNullish(name) ? null : this.nested(name, read);
  }

  /** The error for the field as it is. */
  wrong(name: string, expected: string): RunnerError {
    return wrongField(this.#what, this.pathOf(name), expected, this.#raw(name));
  }

  pathOf(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }

  #isNullish(name: string): boolean {
    const value = this.#raw(name);
    return value === undefined || value === null;
  }

  #raw(name: string): unknown {
    const camel = name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    const spelled = [...new Set([name, camel])].filter(
      (key) => Object.hasOwn(this.#fields, key) && this.#fields[key] !== undefined,
    );
    if (spelled.length > 1) {
      throw wrongField(this.#what, this.pathOf(name), `one of the spellings ${spelled.join(" and ")}`, this.#fields);
    }
    return spelled[0] === undefined ? undefined : this.#fields[spelled[0]];
  }
}

/** A string in a list: an argument, which may be empty. */
export function readText(value: unknown, what: string, path: string): string {
  if (typeof value !== "string") throw wrongField(what, path, "a string", value);
  if (value.includes("\0")) throw wrongField(what, path, "a string without NUL", value);
  return value;
}

/** An absolute path on the runner. */
export function readAbsolutePath(value: unknown, what: string, path: string): string {
  if (typeof value !== "string" || !value.startsWith("/") || value.includes("\0")) {
    throw wrongField(what, path, "an absolute path, one that begins with /", value);
  }
  return value;
}
