import type { RemoteRunnerProvider, RunnerDestination } from "@mooring/api";
import { type CheckResult, listChecks, type ProviderFacts, verifyProvider } from "@mooring/conformance";
import type { Mutant } from "./mutant.js";

/** Races take seconds each, and have a suite of their own in test/swapper: a mutant meets one only if it is meant for it. */
const races = "confinement.race-";

/** What the checks said of one mutant. */
export interface Verdict {
  readonly mutant: Mutant;
  /** Whether the check that is meant for it failed. */
  readonly isCaught: boolean;
  /** What that check found, or why there is no verdict. */
  readonly reason: string;
  /** Ids of other checks of its group that failed, too. */
  readonly others: readonly string[];
}

/** Where the mutants live: a real provider, and what its author says of the place. */
export interface Ground {
  readonly provider: RemoteRunnerProvider;
  readonly destination: RunnerDestination;
  readonly facts: Partial<ProviderFacts>;
}

/** What the checks that are meant for the mutants say of the provider without a fault: each must pass. */
export async function soundResults(ground: Ground, mutants: readonly Mutant[]): Promise<CheckResult[]> {
  const only = [...new Set(mutants.map(({ check }) => check))];
  return await resultsOf(ground.provider, ground, { only });
}

/** One mutant against the group of its check. */
async function hunt(ground: Ground, mutant: Mutant): Promise<Verdict> {
  const provider = mutant.make(ground.provider, ground.destination);
  const results = await resultsOf(provider, ground, { only: checksOf(mutant) });
  const failed = results.filter(({ status }) => status === "failed");
  const meant = results.find(({ id }) => id === mutant.check);
  return {
    mutant,
    isCaught: meant?.status === "failed",
    reason: meant === undefined ? "there is no such check" : (meant.reason ?? "it passed"),
    others: failed.map(({ id }) => id).filter((id) => id !== mutant.check),
  };
}

/** The group of its check. */
function checksOf({ check }: Mutant): string[] {
  const group = check.slice(0, check.indexOf("."));
  return listChecks()
    .map(({ id }) => id)
    .filter((id) => id === check || (id.startsWith(`${group}.`) && !id.startsWith(races)));
}

/** All of them, several at once; `onVerdict` is told as they come. */
export async function huntAll(
  ground: Ground,
  mutants: readonly Mutant[],
  atOnce: number,
  onVerdict: (verdict: Verdict) => void,
): Promise<void> {
  const waiting = [...mutants];
  async function hunter(): Promise<void> {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      onVerdict(await hunt(ground, mutant));
    }
  }
  await Promise.all(Array.from({ length: atOnce }, hunter));
}

async function resultsOf(
  provider: RemoteRunnerProvider,
  { destination, facts }: Ground,
  more: Partial<ProviderFacts>,
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for await (const result of verifyProvider(provider, { destination, ...facts, ...more })) results.push(result);
  return results;
}
