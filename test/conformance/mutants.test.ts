import type { RemoteRunnerProvider } from "@mooring/api";
import { type CheckResult, verifyProvider } from "@mooring/conformance";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localPlace } from "./local-place.js";
import { mutants } from "./mutants.js";

type Place = Awaited<ReturnType<typeof localPlace>>;

describe("the checks, on providers with one fault each", () => {
  let place: Place;

  beforeAll(async () => {
    place = await localPlace();
  });

  afterAll(async () => {
    await place[Symbol.asyncDispose]();
  });

  async function verdict(provider: RemoteRunnerProvider, check: string): Promise<CheckResult | undefined> {
    const { destination } = place;
    const results: CheckResult[] = [];
    for await (const result of verifyProvider(provider, { destination, only: [check] })) results.push(result);
    return results[0];
  }

  for (const { fault, check, make } of mutants) {
    it(`${check} fails a provider that ${fault}, and passes it without the fault`, { timeout: 90_000 }, async () => {
      const provider = place.provider as RemoteRunnerProvider;
      const sound = await verdict(provider, check);
      expect([sound?.status, sound?.reason]).toEqual(["passed", undefined]);
      const found = await verdict(make(provider, place.destination), check);
      expect(found).toMatchObject({ status: "failed" });
      expect(found?.reason).toMatch(/./);
    });
  }
});
