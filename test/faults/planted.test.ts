import process from "node:process";
import { afterEach, expect, test } from "vitest";
import { testContext } from "./faults-tests.js";
import { LoopLag } from "./loop-lag.js";
import { helperPlace } from "./places/child-places.js";
import { plantedBugs, releasePlanted } from "./planted.js";
import { commandScenarios } from "./scenarios/commands.js";
import { parseFault } from "./transport/fault.js";
import { tryFaults } from "./try-faults.js";

// Vitest itself listens for what nobody handles, and would fail the test that plants it.
const listeners = process.listeners("unhandledRejection");

afterEach(async () => {
  process.removeAllListeners("unhandledRejection");
  for (const listener of listeners) process.on("unhandledRejection", listener);
  await releasePlanted();
});

test.each(plantedBugs)("that $name is found", { timeout: 120_000 }, async ({ make, shows }) => {
  process.removeAllListeners("unhandledRejection");
  using lag = new LoopLag();
  await using place = helperPlace("bytes");
  const context = { ...testContext(lag, "planted"), patienceMs: 3_000, makeProvider: make };
  const scenario = commandScenarios.find(({ name }) => name === "run-timeout");
  if (scenario === undefined) throw new Error("Expected a scenario run-timeout");
  const faults = ["stdout.data#3/early-killed", "stdout.data#4/early-killed", "stdout.data#4/hang"].map(parseFault);
  const figures = await tryFaults(
    faults.map((fault) => ({ place, scenario, fault })),
    context,
    { inFlight: 3, toleranceMs: 1_000, batch: 3 },
  );
  expect(figures[shows], figures.violations.join("\n")).toBeGreaterThan(0);
});

test("no bug is found where none is planted", { timeout: 120_000 }, async () => {
  using lag = new LoopLag();
  await using place = helperPlace("bytes");
  const scenario = commandScenarios.find(({ name }) => name === "run");
  if (scenario === undefined) throw new Error("Expected a scenario run");
  const faults = ["stdout.data#3/early-killed", "exited#1/early-unknown"].map(parseFault);
  const figures = await tryFaults(
    faults.map((fault) => ({ place, scenario, fault })),
    testContext(lag, "planted"),
    { inFlight: 2, toleranceMs: 3_000, batch: 2 },
  );
  expect(figures.violations).toEqual([]);
});
