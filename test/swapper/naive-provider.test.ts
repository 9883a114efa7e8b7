import type { RemoteRunnerProvider } from "@mooring/api";
import { raceFiles, type RaceResult, raceVerbIds, summarizeRaces } from "@mooring/conformance/swapper";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localPlace } from "../support/local-place.js";
import { naiveProvider } from "./naive-provider.js";

/** A naive provider may be lucky once; never so often. */
const mostRounds = 5;

describe("a provider that checks paths first and uses them then", () => {
  let place: Awaited<ReturnType<typeof localPlace>>;

  beforeAll(async () => {
    place = await localPlace();
  });

  afterAll(async () => {
    await place[Symbol.asyncDispose]();
  });

  async function race(verb: string): Promise<RaceResult> {
    const provider = naiveProvider(place.provider as RemoteRunnerProvider);
    const options = { verbs: [verb], shapes: ["directory-link"], attackers: ["tight"], operations: 1_000 } as const;
    for await (const result of raceFiles(provider, { destination: place.destination }, options)) return result;
    throw new Error(`There was no race of ${verb}`);
  }

  it.each(raceVerbIds)("is caught in 1,000 operations by the race of %s", { timeout: 300_000 }, async (verb) => {
    let caught = await race(verb);
    for (let round = 2; caught.escapes === 0 && round <= mostRounds; round += 1) caught = await race(verb);
    expect(caught.escapes).toBeGreaterThan(0);
    expect(caught.firstEscapeAt).toBeLessThanOrEqual(1_000);
    expect(caught.notes.filter((note) => note.startsWith("unexpected"))).toEqual([]);
    expect(summarizeRaces([caught])[0]?.faults[0]).toMatch(/escapes in 1000 operations/);
  });
});
