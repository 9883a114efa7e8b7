import { describeValue, type RunnerGrepMatch } from "@mooring/api";
import { wrong } from "./file-view.js";
import { quoted } from "./glob.js";
import { pathFields } from "./path-bytes.js";
import type { MemoryFile } from "./tree.js";

/** The pattern of a grep, or `invalid_request` when it is none. */
export function lineExpression(
  pattern: string,
  { literal = false, ignoreCase = false }: { readonly literal?: boolean; readonly ignoreCase?: boolean },
): RegExp {
  try {
    return new RegExp(literal ? quoted(pattern) : pattern, ignoreCase ? "i" : "");
  } catch (cause) {
    const message = `Expected \`pattern\` to be a regular expression, got ${describeValue(pattern)}`;
    throw wrong(message, "files.grep", cause);
  }
}

/** The lines of a file that match; none of a binary one. */
export function* matchingLines(
  path: string,
  { contents }: MemoryFile,
  expression: RegExp,
  maxLineBytes: number,
): Generator<RunnerGrepMatch> {
  if (contents.subarray(0, 8_192).includes(0)) return;
  const lines = new TextDecoder().decode(contents).split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  for (const [index, line] of lines.entries()) {
    if (!expression.test(line)) continue;
    const bytes = new TextEncoder().encode(line);
    const lineTruncated = bytes.length > maxLineBytes;
    // A streaming decoder keeps back a character of which the limit leaves a part.
    const text = lineTruncated ? new TextDecoder().decode(bytes.subarray(0, maxLineBytes), { stream: true }) : line;
    yield { ...pathFields(path), line: index + 1, text, lineTruncated };
  }
}
