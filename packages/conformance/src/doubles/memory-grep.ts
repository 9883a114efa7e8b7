import { describeValue, type RunnerGrepMatch } from "@mooring/api";
import { failure } from "./failure.js";
import { quote } from "./glob-pattern.js";
import type { MemoryFile } from "./memory-tree.js";
import { pathFields } from "./text-bytes.js";

/** The pattern of a grep, or `invalid_request` when it is none. */
export function lineExpression(
  pattern: string,
  options: { readonly literal?: boolean; readonly ignoreCase?: boolean },
): RegExp {
  try {
    const source = options.literal === true ? quote(pattern) : pattern;
    return new RegExp(source, options.ignoreCase === true ? "i" : "");
  } catch (error) {
    throw failure("invalid_request", `Expected \`pattern\` to be a regular expression, got ${describeValue(pattern)}`, {
      operation: "files.grep",
      resource: "file",
      cause: error,
    });
  }
}

/** The matching lines of one file; none of a binary one. */
export function* grepFile(
  path: string,
  file: MemoryFile,
  expression: RegExp,
  maxLineBytes: number,
): Generator<RunnerGrepMatch> {
  if (file.contents.subarray(0, 8_192).includes(0)) return;
  const lines = new TextDecoder().decode(file.contents).split("\n");
  if (lines.at(-1) === "") lines.pop();
  for (const [index, line] of lines.entries()) {
    if (!expression.test(line)) continue;
    const bytes = Buffer.from(line);
    const lineTruncated = bytes.length > maxLineBytes;
    const kept = new TextDecoder().decode(bytes.subarray(0, maxLineBytes));
    yield {
      ...pathFields(path),
      line: index + 1,
      text: lineTruncated ? kept.replace(/�$/u, "") : line,
      lineTruncated,
    };
  }
}
