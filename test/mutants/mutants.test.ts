import type { RemoteRunnerProvider } from "@mooring/api";
import { type CheckResult, verifyProvider } from "@mooring/conformance";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localPlace } from "../support/local-place.js";
import { mutants } from "./mutants.js";

type Place = Awaited<ReturnType<typeof localPlace>>;

describe("the checks, on providers with one fault each", () => {
  let place: Place;
  let sound: readonly CheckResult[];

  beforeAll(async () => {
    place = await localPlace();
    sound = await verdicts(
      place.provider as RemoteRunnerProvider,
      mutants.map(({ check }) => check),
    );
  }, 120_000);

  afterAll(async () => {
    await place[Symbol.asyncDispose]();
  });

  async function verdicts(provider: RemoteRunnerProvider, only: readonly string[]): Promise<CheckResult[]> {
    const results: CheckResult[] = [];
    const { destination } = place;
    for await (const result of verifyProvider(provider, { destination, only })) results.push(result);
    return results;
  }

  for (const { fault, check, make } of mutants) {
    it(`${check} passes a provider that is sound, and fails one that ${fault}`, { timeout: 90_000 }, async () => {
      const without = sound.find(({ id }) => id === check);
      expect([without?.status, without?.reason]).toEqual(["passed", undefined]);
      const [found] = await verdicts(make(place.provider as RemoteRunnerProvider, place.destination), [check]);
      expect(found).toMatchObject({ status: "failed" });
      expect(found?.reason).toMatch(/./);
    });
  }
});
