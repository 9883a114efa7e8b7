import type { RemoteRunnerProvider } from "@mooring/api";
import {
  leastSuccess,
  raceAttackers,
  raceFiles,
  raceShapes,
  raceVerbIds,
  summarizeRaces,
} from "@mooring/conformance/swapper";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localPlace } from "../support/local-place.js";

const operations = 10_000;

describe(`unix-local, raced ${operations} times a verb`, () => {
  let place: Awaited<ReturnType<typeof localPlace>>;

  beforeAll(async () => {
    place = await localPlace();
  });

  afterAll(async () => {
    await place[Symbol.asyncDispose]();
  });

  it.each(raceVerbIds)("lets no %s out of its workspace", { timeout: 600_000 }, async (verb) => {
    const { provider, destination } = place;
    const results = [];
    const races = raceFiles(provider as RemoteRunnerProvider, { destination }, { verbs: [verb], operations });
    for await (const result of races) results.push(result);
    const [summary] = summarizeRaces(results);
    expect(summary).toMatchObject({
      races: raceShapes.length * raceAttackers.length,
      escapes: 0,
      unexpected: 0,
      faults: [],
      skipped: [],
    });
    expect(summary?.operations).toBeGreaterThanOrEqual(operations);
    expect(summary?.success).toBeGreaterThanOrEqual(leastSuccess);
  });
});
