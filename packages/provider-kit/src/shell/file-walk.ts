import { RunnerError, type RunnerFileInfo, type RunnerFiles, type RunnerListing, type Text } from "@mooring/api";
import { cancelledError, throwIfAborted } from "../async/abort.js";
import { requireWholeNumber } from "../commands/requirements.js";
import { excludeExpressions, globPattern } from "../files/glob-pattern.js";
import { pathBytes } from "../text/text-bytes.js";
import { type FileContext, startFileCall } from "./file-context.js";
import { recordsEndingWith } from "./file-parse.js";
import { fileInfo, readStatRecord, type StatRecord } from "./shell-file-info.js";
import { latin1FromText, positional } from "./shell-source.js";

type WalkOptions = NonNullable<Parameters<RunnerFiles["list"]>[1]>;

interface Walk {
  readonly operation: string;
  readonly path: Text;
  readonly depth: number | undefined;
  /** Directories that begin with a dot are not entered. */
  readonly skipHidden: boolean;
  readonly match: RegExp | undefined;
  readonly options: WalkOptions;
  readonly missingIsEmpty: boolean;
}

/** Items of a walk, known when the walk is over; `truncated` is told then. */
class WalkListing<Item> implements RunnerListing<Item> {
  readonly #open: (listing: { truncated: boolean }) => AsyncGenerator<Item, void, undefined>;
  truncated = false;

  constructor(open: (listing: { truncated: boolean }) => AsyncGenerator<Item, void, undefined>) {
    this.#open = open;
  }

  [Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    this.truncated = false;
    return this.#open(this);
  }
}

/** A listing over a generator that tells whether it was cut short. */
export function walkListing<Item>(
  open: (listing: { truncated: boolean }) => AsyncGenerator<Item, void, undefined>,
): RunnerListing<Item> {
  return new WalkListing(open);
}

/** The entries under a directory. */
export function listFiles(context: FileContext, path: Text, options: WalkOptions): RunnerListing<RunnerFileInfo> {
  return walkListing((listing) =>
    walk(context, listing, {
      operation: "files.list",
      path,
      depth: requireWholeNumber("depth", options.depth ?? 1, 1),
      skipHidden: false,
      match: undefined,
      options,
      missingIsEmpty: false,
    }),
  );
}

/** What matches a pattern. */
export function globFiles(
  context: FileContext,
  pattern: string,
  options: NonNullable<Parameters<RunnerFiles["glob"]>[1]>,
): RunnerListing<RunnerFileInfo> {
  return walkListing((listing) => {
    const query = globPattern(pattern, options);
    const start = pathBytes(options.cwd ?? ".", "cwd");
    return walk(context, listing, {
      operation: "files.glob",
      path: query.base === "" ? start : Buffer.concat([start, Buffer.from(`/${query.base}`)]),
      depth: query.maxDepth,
      skipHidden: !query.hidden,
      match: new RegExp(query.source),
      options,
      missingIsEmpty: true,
    });
  });
}

async function* walk(
  context: FileContext,
  listing: { truncated: boolean },
  walked: Walk,
): AsyncGenerator<RunnerFileInfo, void, undefined> {
  const { options, operation } = walked;
  throwIfAborted(options.signal, operation);
  const limit = options.limit === undefined ? undefined : requireWholeNumber("limit", options.limit, 1);
  const excluded = exclusion(options.exclude);
  const found: StatRecord[] = [];
  const call = await startFileCall(context, {
    operation,
    script: "file-list",
    path: walked.path,
    access: "read",
    values: () => ({ depth: walked.depth === undefined ? "" : walked.depth }),
    source: positional(pruning(options.exclude, walked.skipHidden)),
    options,
  });
  call.process.stdin.end();
  try {
    for await (const text of recordsEndingWith(call.payload(), ` ${call.nonce}\n`)) {
      const record = readStatRecord(text, call.nonce);
      if (record === undefined) continue;
      const name = record.name.slice(2);
      if (excluded(name) || (walked.match !== undefined && !walked.match.test(name))) continue;
      found.push({ ...record, name });
    }
  } catch (error) {
    if (walked.missingIsEmpty && RunnerError.is(error) && error.code === "not_found") return;
    throw error;
  }
  // In the order of a walk that goes into each directory as it comes to it.
  found.sort((left, right) => compare(left.name.replaceAll("/", "\0"), right.name.replaceAll("/", "\0")));
  const prefix = walkPrefix(context, walked.path);
  for (const record of limit === undefined ? found : found.slice(0, limit)) {
    if (options.signal?.aborted === true) throw cancelledError(options.signal, operation, "unknown");
    yield fileInfo(record, `${prefix}/${record.name}`);
  }
  listing.truncated = limit !== undefined && found.length > limit;
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** Whether a path under the start, or a directory that it lies in, is to be passed over. */
export function exclusion(patterns: readonly string[] | undefined): (path: string) => boolean {
  const expressions = excludeExpressions(patterns).map((source) => new RegExp(source));
  if (expressions.length === 0) return () => false;
  return (path) => {
    for (let end = path.indexOf("/"); ; end = path.indexOf("/", end + 1)) {
      const part = end === -1 ? path : path.slice(0, end);
      if (expressions.some((expression) => expression.test(part))) return true;
      if (end === -1) return false;
    }
  };
}

/**
 * Words for `find` that keep it out of what is excluded by a plain name or is hidden. It need not be all: what it still
 * reports is looked at again here.
 */
export function pruning(patterns: readonly string[] | undefined, skipHidden: boolean): string[] {
  const names = (patterns ?? []).filter((pattern) => !/[/\\{}[\]]/.test(pattern)).map((name) => latin1FromText(name));
  if (skipHidden) names.push(".?*");
  const tests = names.flatMap((name, index) => [...(index === 0 ? [] : ["-o"]), "-name", name]);
  return tests.length === 0 ? [] : ["(", ...tests, ")", "-prune", "-o"];
}

/** The absolute path that results of a walk begin with, in latin1. */
export function walkPrefix(context: FileContext, path: Text): string {
  const { absolute } = context.roots.locate(path, "read");
  return absolute === "/" ? "" : absolute;
}
