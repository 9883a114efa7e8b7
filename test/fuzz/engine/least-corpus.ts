import { readCorpus } from "./corpus.js";
import { Coverage } from "./coverage.js";
import { type EncodedInput, type FuzzTarget, seedsOf } from "./fuzz-target.js";
import { tryInput } from "./try-input.js";

/** Smaller ones serve better: they are read, and changed, more easily. */
const mostBytes = 2_048;
const mostKept = 12;

/** The smallest of the inputs that together reach what seeds and corpus do not, a handful at most. */
export async function leastCorpus(target: FuzzTarget, found: readonly EncodedInput[]): Promise<EncodedInput[]> {
  await using shared = await target.open?.();
  void shared;
  using coverage = target.covers.length > 0 ? new Coverage(target.covers) : undefined;
  const features = new Set<string>();
  const reachesNew = async (input: EncodedInput): Promise<boolean> => {
    coverage?.clear();
    const before = features.size;
    for (const feature of (await tryInput(target, input)).features) features.add(feature);
    return coverage?.sawNew({ remember: true }) === true || features.size > before;
  };
  for (const known of [...seedsOf(target), ...readCorpus(target.name).map(({ input }) => input)])
    await reachesNew(known);
  const kept: EncodedInput[] = [];
  const candidates = found.filter(({ length }) => length <= mostBytes);
  for (const input of candidates.toSorted((left, right) => left.length - right.length)) {
    if (kept.length < mostKept && (await reachesNew(input))) kept.push(input);
  }
  return kept;
}
