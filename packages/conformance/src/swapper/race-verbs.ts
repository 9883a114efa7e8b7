import type { RaceVerb } from "./race-verb.js";
import { movingVerbs } from "./verbs/moving.js";
import { readingVerbs } from "./verbs/reading.js";
import { walkingVerbs } from "./verbs/walking.js";
import { writingVerbs } from "./verbs/writing.js";

/** Every verb that is raced. */
export const raceVerbs: readonly RaceVerb[] = [...readingVerbs, ...walkingVerbs, ...writingVerbs, ...movingVerbs];

/** The verb of this id; throws a `RangeError` for an id that none has. */
export function raceVerb(id: string): RaceVerb {
  const verb = raceVerbs.find((known) => known.id === id);
  if (verb === undefined) {
    throw new RangeError(`Expected a verb of ${raceVerbs.map((known) => known.id).join(", ")}, got ${id}`);
  }
  return verb;
}
