import { expect } from "vitest";
import { type PlannedFault, planFaults, plannedName, sample } from "./fault-plan.js";
import { LoopLag } from "./loop-lag.js";
import { MarkedProcesses } from "./marked-processes.js";
import type { Place } from "./places/place.js";
import type { RunContext } from "./run-fault.js";
import { allScenarios } from "./scenarios/all-scenarios.js";
import { type FaultFigures, inParallel, tryFaults } from "./try-faults.js";

/** What a test shares among its runs. Times are long, as other tests run beside it. */
export function testContext(lag: LoopLag, seed: string): RunContext {
  return {
    limits: { leaseMs: 2_000, openTimeoutMs: 6_000, placeTimeoutMs: 2_000 },
    seed,
    lag,
    processes: new MarkedProcesses(),
    patienceMs: 6_000,
  };
}

/** Lateness is looked at by `npm run faults`, on a machine that does nothing else: here it counts when nobody could call it noise. */
const toleranceMs = 3_000;

/** So many faults of all scenarios over a place, the same each time for a seed. */
export async function expectNoViolation(place: Place, count: number, seed: string): Promise<FaultFigures> {
  using lag = new LoopLag();
  const context = testContext(lag, seed);
  const all: PlannedFault[] = [];
  const scenarios = allScenarios.filter(({ farSides }) => farSides?.includes(place.farSide) ?? true);
  await inParallel(scenarios, 4, async (scenario) => {
    const { dry, faults } = await planFaults(place, scenario, context);
    expect(dry.leaks, dry.name).toEqual([]);
    all.push(...faults);
  });
  const sorted = all.toSorted((one, other) => (plannedName(one) < plannedName(other) ? -1 : 1));
  const figures = await tryFaults(sample(sorted, count, seed), context, { inFlight: 16, toleranceMs, batch: count });
  expect(figures.violations).toEqual([]);
  return figures;
}
