import { within } from "../support/deadline.js";
import { type Attack, startAttack } from "./attackers/attack.js";
import { leastSwaps } from "./attackers/attack-programs.js";
import { outsideIn } from "./outside-marks.js";
import type { RaceArena } from "./race-arena.js";
import { fixtureScript } from "./race-fixture.js";
import { broughtIn, changesOutside, lookOutside, type OutsideLook, textAt } from "./race-look.js";
import { laneFiles, type RacePlace, racePlace } from "./race-place.js";
import type { RaceAttacker, RaceResult, RaceShape } from "./race-result.js";
import { RaceTally } from "./race-tally.js";
import type { RaceTarget, RaceVerb } from "./race-verb.js";

/** One verb, one shape, one attacker, and how much of it. */
export interface RaceCell {
  readonly verb: RaceVerb;
  readonly shape: RaceShape;
  readonly attacker: RaceAttacker;
  readonly operations: number;
  readonly inFlight: number;
  /** How long an operation may take before it counts as hung. */
  readonly patienceMs: number;
}

/** Runs one race, and removes what was made for it. */
export async function runCell(arena: RaceArena, cell: RaceCell): Promise<RaceResult> {
  const { verb, shape, attacker, operations } = cell;
  const started = performance.now();
  const place = racePlace(shape, `race${arena.next()}`);
  const tally = new RaceTally();
  const result = (rest: Pick<RaceResult, "swaps" | "idle" | "skipped">): RaceResult => ({
    verb: verb.id,
    shape,
    attacker,
    operations: tally.started,
    succeeded: tally.succeeded,
    refused: tally.refused,
    refusals: tally.refusals,
    unexpected: tally.unexpected,
    escapes: tally.escapes,
    firstEscapeAt: tally.firstEscapeAt,
    notes: tally.notes,
    durationMs: Math.round(performance.now() - started),
    ...rest,
  });
  const { script, args } = fixtureScript(place, verb, operations, arena.marks);
  try {
    await arena.shell(script, args);
    const before = await lookOutside(arena);
    const attack = await startAttack(arena.outer, arena.base, arena.programs, attacker, place);
    if ("lacks" in attack) return result({ swaps: 0, idle: false, skipped: attack.lacks });
    const first = attack.swaps;
    let kept: boolean;
    try {
      kept = await race(arena, cell, place, attack, tally);
    } finally {
      await attack.end();
    }
    const swaps = attack.swaps - first;
    await countTraces(arena, place, before, tally);
    return result({ swaps, idle: !kept });
  } finally {
    await arena.shell('rm -rf "outside/$1" away*; [ -d workspace ] && rm -rf "workspace/$1"', [place.name]);
  }
}

/** Runs the operations while the attacker runs; whether it kept on until the last. */
async function race(
  arena: RaceArena,
  cell: RaceCell,
  place: RacePlace,
  attack: Attack,
  tally: RaceTally,
): Promise<boolean> {
  const { verb, operations, inFlight, patienceMs } = cell;
  const first = attack.swaps;
  const wanted = leastSwaps(cell.attacker, operations);
  let kept = true;
  async function work(): Promise<void> {
    while (kept && tally.started < operations) {
      const index = tally.started++;
      // So that the exchanges go on from the first operation to the last, however slow they are.
      const due = first + Math.ceil((wanted * (index + 1)) / operations);
      if (attack.swaps < due && !(await attack.reached(due))) kept = false;
      try {
        const settled = await within(patienceMs, verb.run(targetOf(arena, place, verb, index)));
        if (settled === "late") throw new Error(`did not settle within ${patienceMs} ms`);
        tally.succeeded += 1;
        const seen = outsideIn(settled.value, arena.marks);
        if (seen !== undefined) tally.escaped(`operation ${index + 1} saw ${seen}`, index);
      } catch (error) {
        tally.failed(error);
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(inFlight, operations) }, work));
  return kept && !attack.over;
}

function targetOf({ victim }: RaceArena, place: RacePlace, verb: RaceVerb, index: number): RaceTarget {
  const top = index % 4 < 2 ? place.name : `${victim.workspace}/${place.name}`;
  const gate = `${top}/${place.gate}`;
  const gateIsFile = place.shape === "file-link" && verb.goesFor === "file";
  return {
    session: victim,
    index,
    file: gateIsFile ? gate : `${gate}/file-${index % laneFiles}`,
    gate: (name) => (name === undefined ? gate : `${gate}/${name}`),
    around: `${top}/${place.around}`,
    aside: (name) => `${top}/aside/${name}`,
    text: `by-operation-${index}\n`,
  };
}

/** Counts what the operations did to the outside, or brought in from there. */
async function countTraces(arena: RaceArena, place: RacePlace, before: OutsideLook, tally: RaceTally): Promise<void> {
  for (const { path, what } of changesOutside(before, await lookOutside(arena))) {
    const by = operationIn(path) ?? operationIn(await textAt(arena, path));
    tally.escaped(`${path} ${what}`, by);
  }
  for (const found of await broughtIn(arena, place)) tally.escaped(`${found} was brought in`, operationIn(found));
}

/** Which operation made this name or text: the number after its last word. */
function operationIn(text: string): number | undefined {
  const found = /(?:by-operation|deep|entry|linked|made|moved|copied|new|placed|unpacked)-(\d+)/.exec(text);
  return found === null ? undefined : Number(found[1]);
}
