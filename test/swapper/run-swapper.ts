import type { RemoteRunnerProvider } from "@mooring/api";
import {
  type RaceOptions,
  raceFiles,
  type RaceResult,
  type RaceSummary,
  summarizeRaces,
} from "@mooring/conformance/swapper";
import { localPlace } from "../support/local-place.js";

/** What the races of unix-local came to. */
export interface SwapperTotals {
  readonly operations: number;
  readonly verbs: number;
  readonly escapes: number;
  /** The least share of operations that succeeded, of any verb; from 0 to 1. */
  readonly lowestSuccess: number;
  readonly swaps: number;
  /** What is wrong, in words; empty when every verb holds. */
  readonly faults: readonly string[];
}

/**
 * Races every verb of unix-local in every shape against every attacker, and prints a line for each verb. `operations` are
 * for each verb; without it 10,000, and 100,000 with `long`.
 */
export async function runSwapper({
  long = false,
  operations = long ? 100_000 : 10_000,
  print,
  ...options
}: {
  readonly operations?: number;
  readonly long?: boolean;
  readonly print: (line: string) => void;
} & Omit<RaceOptions, "operations">): Promise<SwapperTotals> {
  await using place = await localPlace();
  const { destination } = place;
  const provider = place.provider as RemoteRunnerProvider;
  print(columns("verb", "operations", "succeeded", "escapes", "unexpected", "swaps", "seconds"));
  const summaries: RaceSummary[] = [];
  let results: RaceResult[] = [];
  const finish = () => {
    for (const summary of summarizeRaces(results)) {
      summaries.push(summary);
      print(lineOf(summary));
      for (const line of [...summary.faults, ...summary.skipped]) print(`  ${line}`);
    }
    results = [];
  };
  for await (const result of raceFiles(provider, { destination }, { ...options, operations })) {
    if (results[0] !== undefined && results[0].verb !== result.verb) finish();
    results.push(result);
  }
  finish();
  const sum = (field: "operations" | "escapes" | "swaps") => summaries.reduce((total, one) => total + one[field], 0);
  return {
    operations: sum("operations"),
    verbs: summaries.length,
    escapes: sum("escapes"),
    lowestSuccess: Math.min(...summaries.map(({ success }) => success)),
    swaps: sum("swaps"),
    faults: summaries.flatMap(({ verb, faults }) => faults.map((fault) => `${verb}: ${fault}`)),
  };
}

function lineOf({ verb, operations, success, escapes, unexpected, swaps, durationMs }: RaceSummary): string {
  const succeeded = `${(100 * success).toFixed(1)} %`;
  const seconds = (durationMs / 1_000).toFixed(1);
  return columns(verb, ...[operations, succeeded, escapes, unexpected, swaps, seconds].map(String));
}

function columns(verb: string, ...rest: readonly string[]): string {
  return verb.padEnd(18) + rest.map((text) => text.padStart(12)).join("");
}
