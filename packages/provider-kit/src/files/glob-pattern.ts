import { expected } from "../errors/expected.js";
import { translateGlob } from "./glob-translation.js";

/** As long as a path may be; what is very much longer makes no expression. */
const mostCharacters = 4_096;

/** A glob, ready to be searched for. Its regular expressions are over the bytes of a path, and are the same in Perl and JavaScript. */
export interface GlobPattern {
  /** The leading directories without a wildcard, to start from; empty for the start itself. */
  readonly base: string;
  /** Anchored, over the path under `base`. In JavaScript it is tested against the path's bytes decoded as latin1. */
  readonly source: string;
  /** Whether a name that begins with a dot can match, so that such directories must be entered. */
  readonly hidden: boolean;
  /** How deep a match can lie under `base`; `undefined` for any depth. */
  readonly maxDepth: number | undefined;
}

/** Reads a glob over paths relative to a directory. Rejects with `invalid_request` for an absolute one, `..` and bad syntax. */
export function globPattern(pattern: string, options: { readonly includeHidden?: boolean } = {}): GlobPattern {
  const segments = globSegments(pattern, "pattern");
  const includeHidden = options.includeHidden ?? false;
  let baseLength = 0;
  while (baseLength < segments.length - 1 && !hasWildcard(segments[baseLength] ?? "")) baseLength++;
  const rest = segments.slice(baseLength);
  return {
    base: segments.slice(0, baseLength).map(unescaped).join("/"),
    source: `^${translateGlob(rest.join("/"), { includeHidden, option: "pattern" })}$`,
    hidden: includeHidden || rest.some((segment) => /(^|[{,])\\?\./.test(segment)),
    maxDepth: rest.some((segment) => segment.includes("**")) || /[{}]/.test(rest.join("")) ? undefined : rest.length,
  };
}

/** A glob over a whole path, such as `include` of a search: a bare name matches at any depth. */
export function globExpression(pattern: string, option: string): string {
  const segments = globSegments(pattern, option);
  const prefix = segments.length === 1 && !pattern.includes("/") ? "(?:.*/)?" : "";
  return `^${prefix}${translateGlob(segments.join("/"), { includeHidden: true, option })}$`;
}

/** What is passed over: names at any depth, or paths under the start. What lies beneath such an entry is not entered either. */
export function excludeExpressions(patterns: readonly string[] | undefined): string[] {
  if (patterns === undefined) return [];
  if (!Array.isArray(patterns)) throw expected("exclude", "an array of patterns", patterns);
  return patterns.map((pattern, index) => globExpression(pattern, `exclude[${index}]`));
}

function globSegments(pattern: unknown, option: string): string[] {
  if (typeof pattern !== "string" || pattern === "") throw expected(option, "a pattern that is not empty", pattern);
  if (pattern.startsWith("/") || pattern.includes("\0")) {
    throw expected(option, "a relative pattern without NUL bytes", pattern);
  }
  if (pattern.length > mostCharacters)
    throw expected(option, `a pattern of at most ${mostCharacters} characters`, pattern);
  const segments = pattern.split("/").filter((segment) => segment !== "" && segment !== ".");
  if (segments.length === 0 || segments.includes(".."))
    throw expected(option, "a pattern of names without ..", pattern);
  return segments;
}

function hasWildcard(segment: string): boolean {
  return /[*?[{}\]]/.test(segment.replaceAll(/\\./g, ""));
}

function unescaped(segment: string): string {
  return segment.replaceAll(/\\(.)/g, "$1");
}
