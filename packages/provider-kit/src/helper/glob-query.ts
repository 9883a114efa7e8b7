import type { RunnerFiles, Text } from "@mooring/api";
import { globPattern } from "../files/glob-pattern.js";
import { pathBytes } from "../text/text-bytes.js";

/** What `file.glob` asks for. */
export interface GlobQuery {
  readonly path: Uint8Array;
  /** Whether `path` is more than the directory that was asked for: when it is missing, nothing matches. */
  readonly hasBase: boolean;
  readonly source: string;
  readonly hidden: boolean;
  readonly maxDepth: number | undefined;
}

/** The walk starts at the pattern's own leading directories, so that nothing beside them is looked at. */
export function globQuery(pattern: string, options: NonNullable<Parameters<RunnerFiles["glob"]>[1]>): GlobQuery {
  const { base, source, hidden, maxDepth } = globPattern(pattern, options);
  return { path: joined(options.cwd ?? ".", base), hasBase: base !== "", source, hidden, maxDepth };
}

function joined(start: Text, base: string): Uint8Array {
  const bytes = pathBytes(start, "cwd");
  if (base === "") return bytes;
  return Buffer.concat([bytes, Buffer.from(`/${base}`, "utf8")]);
}
