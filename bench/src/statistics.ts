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

/** So many calls of one contender follow each other before the next one's turn. */
const blockRounds = 10;

/**
 * Times every contender in turn, block after block, so that whatever else the machine does falls on all of them. Who comes first
 * changes with each block, as the one after a heavy contender finds the caches cold. The first block warms up and is not counted.
 */
export async function interleaved(
  works: Readonly<Record<string, () => Promise<unknown>>>,
  rounds: number,
): Promise<Record<string, Summary>> {
  const turns = Object.entries(works).map(([name, work]) => ({ name, work, durations: [] as number[] }));
  const blocks = Math.ceil(rounds / blockRounds);
  for (let block = -1; block < blocks; block += 1) {
    for (const { work, durations } of rotated(turns, Math.max(block, 0))) {
      for (let round = 0; round < Math.min(blockRounds, rounds); round += 1) {
        const durationMs = await timed(work);
        if (block >= 0) durations.push(durationMs);
      }
    }
  }
  return Object.fromEntries(turns.map(({ name, durations }) => [name, summarize(durations)]));
}

function rotated<Item>(items: readonly Item[], by: number): Item[] {
  const at = by % Math.max(items.length, 1);
  return [...items.slice(at), ...items.slice(0, at)];
}
