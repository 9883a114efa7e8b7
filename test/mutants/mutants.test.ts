import type { RemoteRunnerProvider } from "@mooring/api";
import type { CheckResult } from "@mooring/conformance";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localPlace } from "../support/local-place.js";
import { huntAll, soundResults, type Verdict } from "./hunt.js";
import { mutants } from "./mutants.js";

const longestHuntMs = 900_000;

describe("the checks, on providers with one fault each", () => {
  let place: Awaited<ReturnType<typeof localPlace>>;
  let sound: readonly CheckResult[] = [];
  const verdicts: Verdict[] = [];

  beforeAll(async () => {
    place = await localPlace();
    const ground = { ...place, provider: place.provider as RemoteRunnerProvider };
    sound = await soundResults(ground, mutants);
    await huntAll(ground, mutants, 4, (verdict) => verdicts.push(verdict));
  }, longestHuntMs);

  afterAll(async () => {
    await place[Symbol.asyncDispose]();
  });

  it("are at least forty mutants, no two with one fault", () => {
    expect(mutants.length).toBeGreaterThanOrEqual(40);
    expect(new Set(mutants.map(({ fault }) => fault)).size).toBe(mutants.length);
  });

  for (const mutant of mutants) {
    it(`${mutant.check} passes a provider that is sound, and fails one that ${mutant.fault}`, () => {
      const without = sound.find(({ id }) => id === mutant.check);
      expect([without?.status, without?.reason]).toEqual(["passed", undefined]);
      const verdict = verdicts.find((found) => found.mutant === mutant);
      expect(verdict).toMatchObject({ isCaught: true });
      expect(verdict?.reason).toMatch(/./);
    });
  }
});
