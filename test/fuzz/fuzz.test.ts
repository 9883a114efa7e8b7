import { describe, expect, test } from "vitest";
import { readCorpus } from "./engine/corpus.js";
import { fuzz } from "./engine/fuzz-loop.js";
import { fuzzTargets } from "./targets.js";

const seed = 1;

describe.each(fuzzTargets.map((target) => [target.name, target] as const))("%s", (name, target) => {
  test(`holds for its corpus and for ${target.testInputs} inputs more`, { timeout: 120_000 }, async () => {
    const known = target.seeds.length + readCorpus(name).length;
    const { inputs, failure } = await fuzz(target, { seed, inputs: known + target.testInputs, guided: false });
    // Told by its stack: the text of an input may be long, and is written by `npm run fuzz`.
    expect(failure?.error.stack).toBeUndefined();
    expect(inputs).toBe(known + target.testInputs);
  });
});
