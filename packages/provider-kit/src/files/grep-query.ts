import type { RunnerFiles } from "@mooring/api";
import { requireWholeNumber } from "../commands/requirements.js";
import { expected } from "../errors/expected.js";
import { pathBytes } from "../text/text-bytes.js";
import { globExpression } from "./glob-pattern.js";

/** A search, checked: the same for every far side. */
export interface GrepQuery {
  readonly path: Uint8Array;
  /** A regular expression, also for a literal search. */
  readonly pattern: string;
  /** Over the path under `path`; absent: every file. */
  readonly include: string | undefined;
  readonly ignoreCase: boolean;
  readonly hidden: boolean;
  readonly maxLineBytes: number;
}

export function grepQuery(pattern: string, options: NonNullable<Parameters<RunnerFiles["grep"]>[1]>): GrepQuery {
  if (typeof pattern !== "string" || pattern === "") throw expected("pattern", "a pattern that is not empty", pattern);
  if (/[\0\n]/.test(pattern)) throw expected("pattern", "a pattern without NUL bytes and line breaks", pattern);
  if (options.literal !== true) requireExpression(pattern);
  return {
    path: pathBytes(options.path ?? ".", "path"),
    pattern: options.literal === true ? pattern.replaceAll(/[^A-Za-z0-9_\u{80}-\u{10ffff}]/gu, "\\$&") : pattern,
    include: options.include === undefined ? undefined : globExpression(options.include, "include"),
    ignoreCase: options.ignoreCase ?? false,
    hidden: options.includeHidden ?? false,
    maxLineBytes: requireWholeNumber("maxLineBytes", options.maxLineBytes ?? 2_000, 1),
  };
}

/** What JavaScript refuses is no common ground; it also keeps out what other engines would execute. */
function requireExpression(pattern: string): void {
  try {
    new RegExp(pattern);
  } catch {
    throw expected("pattern", "a regular expression", pattern);
  }
}
