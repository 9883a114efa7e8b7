import { killDurableOwners } from "@mooring/conformance/zoo";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { localPlace } from "../support/local-place.js";

describe("durable commands whose owners are killed", () => {
  let place: Awaited<ReturnType<typeof localPlace>>;

  beforeAll(async () => {
    place = await localPlace();
  });

  afterAll(async () => {
    await place[Symbol.asyncDispose]();
  });

  test("lose no byte, double none, and have an exit: 50 kills", { timeout: 600_000 }, async () => {
    const { provider, destination, facts } = place;
    const report = await killDurableOwners(provider, { destination, ...facts }, { kills: 50 });
    expect(report).toMatchObject({ violations: [], kills: 50, lostBytes: 0, doubledBytes: 0, exitsUnknown: 0 });
    expect(report.bytes).toBeGreaterThan(100_000);
  });

  test.each([
    ["skips", "lostBytes"],
    ["doubles", "doubledBytes"],
    ["forgets", "exitsUnknown"],
  ] as const)("are not passed by an owner that %s", { timeout: 360_000 }, async (fault, count) => {
    const { provider, destination, facts } = place;
    const owner = new URL("fixtures/faulty-owner.ts", import.meta.url);
    owner.searchParams.set("config", facts.owner?.searchParams.get("config") ?? "");
    owner.searchParams.set("fault", fault);
    let found = 0;
    // Some kills come before there was anything to read wrongly: on a busy machine all of a few may.
    for (let tries = 0; tries < 4 && found === 0; tries++) {
      const report = await killDurableOwners(provider, { destination, ...facts, owner }, { kills: 8 });
      found = report[count];
      if (found > 0) expect(report.violations).not.toEqual([]);
    }
    expect(found).toBeGreaterThan(0);
  });
});
