import type { SpecificationChapter, SpecificationPromise } from "./chapter.js";
import { claimsChapter } from "./chapters/claims.js";
import { endingChapter, endsChapter, startingChapter } from "./chapters/commands.js";
import { confinementChapter, filesChapter } from "./chapters/files.js";
import { hostileChapter } from "./chapters/hostile.js";
import { durableChapter, lifecycleChapter, lossChapter, portsChapter } from "./chapters/sessions.js";
import { environmentChapter, inputChapter, outputChapter } from "./chapters/streams.js";

/** All that a session of `runner-v1` promises. */
export const chapters: readonly SpecificationChapter[] = [
  claimsChapter,
  startingChapter,
  endsChapter,
  endingChapter,
  outputChapter,
  inputChapter,
  environmentChapter,
  filesChapter,
  confinementChapter,
  portsChapter,
  durableChapter,
  lifecycleChapter,
  lossChapter,
  hostileChapter,
];

const promises: readonly SpecificationPromise[] = chapters.flatMap((chapter) => chapter.promises);

/** The promise that a check holds. */
export function promiseOf(checkId: string): SpecificationPromise {
  const [promise, another] = promises.filter(({ checks }) => checks.some((pattern) => matches(pattern, checkId)));
  if (promise === undefined) throw new Error(`Expected a promise that the check ${checkId} holds, found none`);
  if (another !== undefined) {
    throw new Error(`Expected the check ${checkId} to hold one promise, found ${promise.id} and ${another.id}`);
  }
  return promise;
}

/** The ids, or patterns of them, that promises give and no check has. */
export function promisedInVain(checkIds: readonly string[]): string[] {
  return promises.flatMap(({ id, checks }) =>
    checks
      .filter((pattern) => !checkIds.some((checkId) => matches(pattern, checkId)))
      .map((pattern) => `${id} names ${pattern}, and there is no such check`),
  );
}

function matches(pattern: string, checkId: string): boolean {
  const [start = "", end] = pattern.split("*", 2);
  if (end === undefined) return pattern === checkId;
  return checkId.length >= start.length + end.length && checkId.startsWith(start) && checkId.endsWith(end);
}
