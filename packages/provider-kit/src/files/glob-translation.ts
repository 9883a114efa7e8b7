import { expected } from "../errors/expected.js";
import { expandBraces } from "./brace-expansion.js";

/** Where a character ends: none is taken apart. */
const boundary = "(?![\\x80-\\xbf])";
/** One character of a name, as UTF-8 bytes; stray bytes in a row count as one. */
const character = `(?:[\\x01-\\x2e\\x30-\\x7f]|[\\xc0-\\xff][\\x80-\\xbf]*${boundary}|(?<![\\x80-\\xff])[\\x80-\\xbf]+${boundary})`;
/** Any part of a name. */
const anything = `[^/]*${boundary}`;
const noDot = "(?!\\.)";

interface Translation {
  readonly pattern: string;
  readonly includeHidden: boolean;
  readonly option: string;
  index: number;
}

/** Turns a glob into a regular expression over bytes, without anchors. Rejects with `invalid_request` for bad syntax. */
export function translateGlob(
  pattern: string,
  options: { readonly includeHidden: boolean; readonly option: string },
): string {
  // Several expressions may become one: the names of their groups must not meet.
  const groupName = `g${hashOf(pattern)}_`;
  const sources = expandBraces(pattern, options.option).map((plain, index) =>
    translatePlainGlob(plain, { ...options, groupName: `${groupName}${index}_` }),
  );
  return sources.length === 1 ? (sources[0] ?? "") : `(?:${sources.join("|")})`;
}

/**
 * Without braces all that is between two stars has one length, so that its first match is as good as any later one: each is
 * taken for good. Otherwise a name of 255 letters could take hours to be told from `*a*a*a*a*b`.
 */
function translatePlainGlob(
  pattern: string,
  options: { readonly includeHidden: boolean; readonly option: string; readonly groupName: string },
): string {
  const guard = options.includeHidden ? "" : noDot;
  let groups = 0;
  const forGood = (source: string): string => {
    const name = `${options.groupName}${++groups}`;
    return `(?=(?<${name}>${source}))\\k<${name}>`;
  };
  const segment = (text: string): string => {
    const state: Translation = { ...options, pattern: text, index: 0 };
    // What is between the stars; the first has the guard, if it needs one.
    const parts = [""];
    while (state.index < text.length) {
      const isFirst = state.index === 0;
      if (text[state.index] === "*") {
        state.index++;
        if (isFirst) parts[0] = guard;
        parts.push("");
      } else parts.push(parts.pop() + translatePiece(state, isFirst));
    }
    const [first = "", ...others] = parts;
    const last = others.pop();
    if (last === undefined) return first;
    const between = others.filter((part) => part !== "").map((part) => forGood(`[^/]*?${boundary}${part}`));
    return first + between.join("") + anything + last;
  };
  const runs: string[][] = [[]];
  for (const text of pattern.split("/")) {
    if (/^\*{2,}$/.test(text)) runs.push([]);
    else runs.at(-1)?.push(segment(text));
  }
  const name = `${guard}[^/]+`;
  const [first = [], ...rest] = runs;
  const last = rest.pop();
  if (last === undefined) return first.join("/");
  const middle = rest.filter((run) => run.length > 0).map((run) => forGood(`(?:${name}/)*?${run.join("/")}/`));
  const end = last.length === 0 ? `${name}(?:/${name})*` : `(?:${name}/)*${last.join("/")}`;
  return first.map((source) => `${source}/`).join("") + middle.join("") + end;
}

function hashOf(pattern: string): string {
  let hash = 0;
  for (const byte of Buffer.from(pattern)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(36);
}

/** The next character of a pattern, or what stands for one. */
function translatePiece(state: Translation, atStart: boolean): string {
  const { pattern } = state;
  const sign = String.fromCodePoint(pattern.codePointAt(state.index) ?? 0);
  const guard = atStart && !state.includeHidden ? noDot : "";
  state.index += sign.length;
  switch (sign) {
    case "?":
      return guard + character;
    case "[":
      return guard + translateClass(state);
    case "\\": {
      const next = String.fromCodePoint(pattern.codePointAt(state.index) ?? 0);
      if (next === "\0") throw expected(state.option, "a pattern with something after its last backslash", pattern);
      state.index += next.length;
      return literal(next);
    }
    default:
      return literal(sign);
  }
}

function translateClass(state: Translation): string {
  const { pattern, option } = state;
  let index = state.index;
  const negated = pattern[index] === "!" || pattern[index] === "^";
  if (negated) index++;
  const end = pattern.indexOf("]", index + 1);
  if (end === -1) throw expected(option, "a pattern whose brackets are closed", pattern);
  const members = Array.from(pattern.slice(index, end));
  state.index = end + 1;
  let ascii = "";
  const others: string[] = [];
  for (let at = 0; at < members.length; at++) {
    const from = members[at] ?? "";
    const to = members[at + 1] === "-" ? members[at + 2] : undefined;
    if (to !== undefined) {
      if (from > to || isWide(from) || isWide(to))
        throw expected(option, "a pattern with ASCII ranges in order", pattern);
      ascii += `${literal(from)}-${literal(to)}`;
      at += 2;
    } else if (isWide(from)) others.push(literal(from));
    else ascii += literal(from);
  }
  const alternatives = [...(ascii === "" ? [] : [`[${ascii}]`]), ...others].join("|");
  return negated ? `(?!${alternatives})${character}` : `(?!/)(?:${alternatives})`;
}

function isWide(text: string): boolean {
  return text > "\x7f";
}

/** A character as the bytes of its UTF-8, so that Perl (over bytes) and JavaScript (over latin1) read it alike. */
function literal(text: string): string {
  if (/^[A-Za-z0-9_]$/.test(text)) return text;
  return [...Buffer.from(text, "utf8")].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
}
