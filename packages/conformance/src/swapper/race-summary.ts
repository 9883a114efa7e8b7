import type { RaceResult } from "./race-result.js";

/** The least share of a verb's operations that must succeed: what refuses everything is not confined, it is broken. */
export const leastSuccess = 0.05;

/** All races of one verb. JSON can carry it. */
export interface RaceSummary {
  readonly verb: string;
  /** How many races were run. */
  readonly races: number;
  readonly operations: number;
  readonly succeeded: number;
  /** `succeeded` of `operations`, from 0 to 1. */
  readonly success: number;
  readonly unexpected: number;
  readonly escapes: number;
  /** In its own race; the least of them all. */
  readonly firstEscapeAt: number | null;
  readonly swaps: number;
  readonly durationMs: number;
  /** What is wrong with the provider, or with the race, in words; empty when the verb holds. */
  readonly faults: readonly string[];
  /** Races that were not run, each reason once. */
  readonly skipped: readonly string[];
}

/** One summary for each verb, in the order in which they were raced. */
export function summarizeRaces(results: Iterable<RaceResult>): readonly RaceSummary[] {
  const byVerb = new Map<string, RaceResult[]>();
  for (const result of results) byVerb.set(result.verb, [...(byVerb.get(result.verb) ?? []), result]);
  return [...byVerb].map(([verb, races]) => summaryOf(verb, races));
}

function summaryOf(verb: string, all: readonly RaceResult[]): RaceSummary {
  const races = all.filter(({ skipped }) => skipped === undefined);
  const sum = (field: "operations" | "succeeded" | "unexpected" | "escapes" | "swaps" | "durationMs") =>
    races.reduce((total, race) => total + race[field], 0);
  const operations = sum("operations");
  const success = operations === 0 ? 0 : sum("succeeded") / operations;
  const firsts = races.flatMap(({ firstEscapeAt }) => (firstEscapeAt === null ? [] : [firstEscapeAt]));
  return {
    verb,
    races: races.length,
    operations,
    succeeded: sum("succeeded"),
    success,
    unexpected: sum("unexpected"),
    escapes: sum("escapes"),
    firstEscapeAt: firsts.length === 0 ? null : Math.min(...firsts),
    swaps: sum("swaps"),
    durationMs: sum("durationMs"),
    faults: [
      ...races.flatMap(faultsOf),
      ...(operations > 0 && success < leastSuccess
        ? [`only ${(100 * success).toFixed(1)} % of ${operations} operations succeeded`]
        : []),
    ],
    skipped: [...new Set(all.flatMap(({ skipped }) => (skipped === undefined ? [] : [skipped])))],
  };
}

function faultsOf(race: RaceResult): readonly string[] {
  const where = `${race.shape}, ${race.attacker}`;
  const notes = race.notes.length === 0 ? "" : ` (${race.notes.join("; ")})`;
  return [
    ...(race.escapes > 0 ? [`${where}: ${race.escapes} escapes in ${race.operations} operations${notes}`] : []),
    ...(race.unexpected > 0 ? [`${where}: ${race.unexpected} errors of another kind${notes}`] : []),
    ...(race.idle || race.swaps === 0
      ? [`${where}: the attacker stood still after ${race.swaps} exchanges, so that nothing is proved`]
      : []),
  ];
}
