/** Durations of one contender in one case, in milliseconds. */
export interface Summary {
  readonly rounds: number;
  readonly medianMs: number;
  readonly p95Ms: number;
}

export function summarize(durationsMs: readonly number[]): Summary {
  const sorted = durationsMs.toSorted((left, right) => left - right);
  return {
    rounds: sorted.length,
    medianMs: quantile(sorted, 0.5),
    p95Ms: quantile(sorted, 0.95),
  };
}

function quantile(sorted: readonly number[], fraction: number): number {
  if (sorted.length === 0) throw new RangeError("No durations to summarize");
  const position = Math.min(sorted.length - 1, Math.floor(sorted.length * fraction));
  return sorted[position] ?? Number.NaN;
}

/** How long one call takes, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/**
 * Times every contender in turn, round after round, so that whatever else the machine does falls on all of them.
 * The first rounds warm up and are not counted.
 */
export async function interleaved(
  works: Readonly<Record<string, () => Promise<unknown>>>,
  rounds: number,
  warmUpRounds: number,
): Promise<Record<string, Summary>> {
  const durations = new Map(Object.keys(works).map((name) => [name, [] as number[]]));
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    for (const [name, work] of Object.entries(works)) {
      const durationMs = await timed(work);
      if (round >= 0) durations.get(name)?.push(durationMs);
    }
  }
  return Object.fromEntries([...durations].map(([name, list]) => [name, summarize(list)]));
}
