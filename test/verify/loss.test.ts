import { type CheckResult, verifyProvider } from "@mooring/conformance";
import { expect, it } from "vitest";
import { localPlace } from "../support/local-place.js";

it(
  "when its helper is killed, a session ends as lost, invents nothing and leaves no process",
  { timeout: 120_000 },
  async () => {
    await using place = await localPlace();
    const { provider, destination, facts } = place;
    const results: CheckResult[] = [];
    for await (const result of verifyProvider(provider, { destination, groups: ["loss"], sever: facts.sever })) {
      results.push(result);
    }
    expect(results.map(({ id, status, reason }) => [id, status, reason])).toEqual([
      ["loss.exit-is-not-invented", "passed", undefined],
      ["loss.calls-settle", "passed", undefined],
      ["loss.leaves-no-process", "passed", undefined],
    ]);
  },
);
