import { Session } from "node:inspector";

interface FunctionCoverage {
  readonly ranges: readonly { readonly startOffset: number; readonly endOffset: number; readonly count: number }[];
}

interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly FunctionCoverage[];
}

type Interval = readonly [start: number, end: number];

/** Tells by V8's own count of blocks whether inputs reached code that none before them did. */
export class Coverage implements Disposable {
  readonly #session = new Session();
  readonly #covers: readonly string[];
  /** What no input has reached, by function. */
  readonly #unreached = new Map<string, readonly Interval[]>();

  constructor(covers: readonly string[]) {
    this.#covers = covers;
    this.#session.connect();
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  /** Forgets what ran since the last look. */
  clear(): void {
    this.#take();
  }

  /** Whether anything new was reached since the last look. Remembers it if that is asked for. */
  sawNew(options: { readonly remember: boolean }): boolean {
    let isNew = false;
    for (const [key, reached] of this.#take()) {
      const before = this.#unreached.get(key) ?? [[0, Number.MAX_SAFE_INTEGER]];
      const after = intersection(before, reached);
      if (lengthOf(after) === lengthOf(before) && this.#unreached.has(key)) continue;
      isNew = true;
      if (!options.remember) return true;
      this.#unreached.set(key, after);
    }
    return isNew;
  }

  /** Functions that ran, each with what was not reached in it. */
  #take(): [key: string, unreached: readonly Interval[]][] {
    let scripts: readonly ScriptCoverage[] = [];
    this.#session.post("Profiler.takePreciseCoverage", (error, parameters) => {
      if (error !== null) throw error;
      scripts = parameters.result;
    });
    return scripts
      .filter(({ url }) => this.#covers.some((part) => url.includes(part)))
      .flatMap(({ url, functions }) =>
        functions.flatMap(({ ranges }): [string, readonly Interval[]][] => {
          const [whole] = ranges;
          if (whole === undefined || whole.count === 0) return [];
          const unreached = ranges.filter(({ count }) => count === 0);
          return [
            [
              `${url}:${whole.startOffset}:${whole.endOffset}`,
              unreached.map(({ startOffset, endOffset }) => [startOffset, endOffset] as const),
            ],
          ];
        }),
      );
  }

  [Symbol.dispose](): void {
    this.#session.post("Profiler.stopPreciseCoverage");
    this.#session.disconnect();
  }
}

/** Both in order and without overlaps. */
function intersection(left: readonly Interval[], right: readonly Interval[]): Interval[] {
  return left.flatMap(([from, to]) =>
    right.flatMap(([start, end]): Interval[] => {
      const [first, last] = [Math.max(from, start), Math.min(to, end)];
      return first < last ? [[first, last]] : [];
    }),
  );
}

function lengthOf(intervals: readonly Interval[]): number {
  return intervals.reduce((sum, [start, end]) => sum + end - start, 0);
}
