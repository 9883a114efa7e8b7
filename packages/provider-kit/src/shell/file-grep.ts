import type { RunnerFiles, RunnerGrepMatch, RunnerListing } from "@mooring/api";
import { throwIfAborted } from "../async/abort.js";
import { requireWholeNumber } from "../commands/requirements.js";
import { grepQuery, type GrepQuery } from "../files/grep-query.js";
import { decodeText } from "../text/text-bytes.js";
import { type FileContext, startFileCall } from "./file-context.js";
import { exclusion, pruning, walkListing, walkPrefix } from "./file-walk.js";
import { GrepLines } from "./grep-lines.js";
import { latin1FromText, positional } from "./shell-source.js";

type GrepOptions = NonNullable<Parameters<RunnerFiles["grep"]>[1]>;

/** Lines that match, found by the far side's own `grep`. */
export function grepFiles(context: FileContext, pattern: string, options: GrepOptions): RunnerListing<RunnerGrepMatch> {
  return walkListing((listing) => search(context, listing, grepQuery(pattern, options), options));
}

async function* search(
  context: FileContext,
  listing: { truncated: boolean },
  query: GrepQuery,
  options: GrepOptions,
): AsyncGenerator<RunnerGrepMatch, void, undefined> {
  throwIfAborted(options.signal, "files.grep");
  const limit = options.limit === undefined ? undefined : requireWholeNumber("limit", options.limit, 1);
  const excluded = exclusion(options.exclude);
  const include = query.include === undefined ? undefined : new RegExp(query.include);
  const prefix = walkPrefix(context, query.path);
  const call = await startFileCall(context, {
    operation: "files.grep",
    script: "file-grep",
    path: query.path,
    access: "read",
    values: () => ({
      pattern: latin1FromText(posixExpression(query.pattern)),
      skips_binary: context.tools.grepSkipsBinary,
      flags: ["-E", ...(query.ignoreCase ? ["-i"] : []), ...(context.tools.grepSkipsBinary ? ["-I"] : [])].join(" "),
    }),
    source: positional(pruning(options.exclude, !query.hidden)),
    options,
  });
  call.process.stdin.end();
  const lines = new GrepLines(call.nonce, query.maxLineBytes);
  let count = 0;
  for await (const chunk of call.payload()) {
    for (const { name: found, line, bytes, truncated } of lines.receive(chunk)) {
      // A single file that was searched is itself the start.
      const name = lines.isFile ? "" : found;
      if (excluded(found) || include?.test(found) === false) continue;
      if (limit !== undefined && count === limit) {
        listing.truncated = true;
        return;
      }
      count++;
      const path = decodeText(Buffer.from(name === "" ? prefix : `${prefix}/${name}`, "latin1"));
      yield {
        path: path.text,
        ...(path.bytes === undefined ? {} : { pathBytes: path.bytes }),
        line,
        text: bytes.toString("utf8"),
        lineTruncated: truncated,
      };
    }
  }
}

/** The common ground of expressions, in the words of POSIX. */
function posixExpression(pattern: string): string {
  const classes: Readonly<Record<string, string>> = {
    d: "0-9",
    w: "A-Za-z0-9_",
    s: "[:space:]",
  };
  let inside = false;
  let output = "";
  for (let index = 0; index < pattern.length; index++) {
    const sign = pattern[index] ?? "";
    if (sign === "\\") {
      const next = pattern[++index] ?? "";
      output += escaped(next, inside, classes);
    } else if (!inside && pattern.startsWith("(?:", index)) {
      output += "(";
      index += 2;
    } else {
      if (sign === "[" && !inside) inside = true;
      else if (sign === "]" && inside) inside = false;
      output += sign;
    }
  }
  return output;
}

function escaped(sign: string, inside: boolean, classes: Readonly<Record<string, string>>): string {
  const named = classes[sign] ?? classes[sign.toLowerCase()];
  if (named !== undefined && /[dws]/.test(sign)) return inside ? named : `[${named}]`;
  if (named !== undefined && !inside) return `[^${named}]`;
  if (sign === "t") return "\t";
  if (sign === "b" && !inside) return "\\b";
  if (/[A-Za-z0-9]/.test(sign) && !inside) return `\\${sign}`;
  // In brackets POSIX has no escapes; the sign stands for itself.
  if (inside) return sign;
  return /[.[\]{}()*+?^$|\\]/.test(sign) ? `\\${sign}` : sign;
}
