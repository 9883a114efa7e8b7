import type { RunnerFiles, RunnerGrepMatch, RunnerListing } from "@mooring/api";
import { type FileView, present } from "./file-view.js";
import { excluder, globExpression } from "./glob.js";
import { lineExpression, matchingLines } from "./grep-lines.js";
import { shown } from "./path-bytes.js";
import { infoOf } from "./read-files.js";
import type { MemoryNode } from "./tree.js";

interface Entry {
  readonly path: string;
  /** Under the start, for people and for patterns. */
  readonly below: string;
  readonly node: MemoryNode;
}

/** The calls that walk directories. Each takes its whole answer at once: a walk of its own never sees half of a change. */
export function walkFiles(view: FileView): Pick<RunnerFiles, "list" | "glob" | "grep"> {
  /** What lies under a directory; what is not entered is passed over with all that is in it. */
  function* walk(start: string, enters: (below: string) => boolean): Generator<Entry> {
    let passedOver: string | undefined;
    for (const [path, node] of view.tree.under(start)) {
      if (passedOver !== undefined && path.startsWith(passedOver)) continue;
      const below = shown(path.slice(start === "/" ? 1 : start.length + 1));
      if (enters(below)) yield { path, below, node };
      else passedOver = `${path}/`;
    }
  }

  return {
    list(path, { depth = 1, exclude = [], limit, signal } = {}) {
      return listing(limit, function* () {
        view.begin("files.list", signal);
        const excluded = excluder(exclude);
        const start = view.directoryAt(path, "files.list").path;
        for (const entry of walk(start, (below) => !excluded(below) && below.split("/").length <= depth)) {
          yield infoOf(entry.path, entry.node);
        }
      });
    },

    glob(pattern, { cwd = view.roots.workspace, includeHidden = false, exclude = [], limit, signal } = {}) {
      return listing(limit, function* () {
        view.begin("files.glob", signal);
        const excluded = excluder(exclude);
        const expression = globExpression(pattern);
        const hidden = includeHidden || /(^|[/{,])\./.test(pattern);
        const start = view.directoryAt(cwd, "files.glob").path;
        for (const entry of walk(start, (below) => !excluded(below) && (hidden || !isHidden(below)))) {
          if (expression.test(entry.below)) yield infoOf(entry.path, entry.node);
        }
      });
    },

    grep(pattern, options = {}) {
      const { path = view.roots.workspace, include, includeHidden = false, exclude = [], limit, signal } = options;
      const { maxLineBytes = 2_000 } = options;
      return listing(limit, function* (): Generator<RunnerGrepMatch> {
        view.begin("files.grep", signal);
        const expression = lineExpression(pattern, options);
        const excluded = excluder(exclude);
        const included = include === undefined ? () => true : excluder([include]);
        const start = present(view.place(path, "files.grep"), "files.grep");
        if (start.node.type === "file") {
          yield* matchingLines(start.path, start.node, expression, maxLineBytes);
          return;
        }
        for (const entry of walk(start.path, (below) => !excluded(below) && (includeHidden || !isHidden(below)))) {
          if (entry.node.type !== "file" || !included(entry.below)) continue;
          yield* matchingLines(entry.path, entry.node, expression, maxLineBytes);
        }
      });
    },
  };
}

function isHidden(below: string): boolean {
  return below.slice(below.lastIndexOf("/") + 1).startsWith(".");
}

/** Results one by one, cut short at `limit`. */
function listing<Item>(limit: number | undefined, produce: () => Iterable<Item>): RunnerListing<Item> {
  let truncated = false;
  return {
    get truncated() {
      return truncated;
    },
    async *[Symbol.asyncIterator]() {
      truncated = false;
      let count = 0;
      for (const item of produce()) {
        if (count === limit) {
          truncated = true;
          return;
        }
        count += 1;
        yield item;
      }
    },
  };
}
