import { randomBytes } from "node:crypto";
import process from "node:process";
import { parseArgs } from "node:util";
import { type PlannedFault, planFaults, plannedName, sample } from "./fault-plan.js";
import { LoopLag } from "./loop-lag.js";
import { MarkedProcesses } from "./marked-processes.js";
import { helperPlace, shellPlace } from "./places/child-places.js";
import { allScenarios } from "./scenarios/all-scenarios.js";
import type { RunContext } from "./run-fault.js";
import { closingLine, inParallel, tryFaults } from "./try-faults.js";

const usage = `Usage: npm run faults -- [--long] [--seed TEXT] [--only NAME] [--in-flight N]

Lets each call of a transport fail in turn, in each of its ways, and looks at every call above.

  --long         all faults of all scenarios, instead of some 800
  --seed TEXT    chooses the same faults, and the same garbage, again
  --only NAME    those whose names begin so: bytes.run/stdout.data#3/hang
  --in-flight N  so many at a time (default 16)`;

const { values } = parseArgs({
  options: {
    long: { type: "boolean", default: false },
    seed: { type: "string" },
    only: { type: "string" },
    "in-flight": { type: "string", default: "16" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  process.stdout.write(`${usage}\n`);
} else {
  process.exitCode = await main();
}

async function main(): Promise<number> {
  const seed = values.seed ?? randomBytes(4).toString("hex");
  process.stdout.write(`seed: ${seed}\n`);
  using lag = new LoopLag();
  const context: RunContext = {
    limits: { leaseMs: 900, openTimeoutMs: 2_500, placeTimeoutMs: 1_200 },
    seed,
    lag,
    processes: new MarkedProcesses(),
    patienceMs: 5_000,
  };
  await using shell = await shellPlace();
  const places = [helperPlace("bytes"), helperPlace("text"), shell];
  const all: PlannedFault[] = [];
  const { only } = values;
  let broken = 0;
  const wanted = places
    .flatMap((place) => allScenarios.map((scenario) => ({ place, scenario })))
    .filter(({ place, scenario }) => scenario.farSides?.includes(place.farSide) ?? true)
    .filter(
      ({ place, scenario }) =>
        only === undefined ||
        only.startsWith(`${place.name}.${scenario.name}/`) ||
        `${place.name}.${scenario.name}/`.startsWith(only),
    );
  await inParallel(wanted, 4, async ({ place, scenario }) => {
    const { dry, faults } = await planFaults(place, scenario, context);
    for (const problem of [
      ...dry.calls.flatMap(({ label, violation }) => (violation === undefined ? [] : [`${label} ${violation}`])),
      ...dry.leaks,
    ]) {
      broken++;
      process.stdout.write(`without a fault: ${dry.name}: ${problem}\n`);
    }
    all.push(...faults);
  });
  all.sort((one, other) => (plannedName(one) < plannedName(other) ? -1 : 1));
  const chosen =
    only !== undefined
      ? all.filter((one) => plannedName(one).startsWith(only))
      : sample(all, values.long ? all.length : 800, seed);
  process.stdout.write(`${all.length} faults are known, ${chosen.length} are tried\n`);
  let told = 0;
  const figures = await tryFaults(chosen, context, {
    inFlight: Number(values["in-flight"]),
    toleranceMs: 250,
    batch: 400,
    progress({ faults, missed, violations }, total) {
      process.stdout.write(`${faults + missed} of ${total}, ${violations.length} violations\n`);
      for (const violation of violations.slice(told)) process.stdout.write(`  ${violation}\n`);
      told = violations.length;
    },
  });
  process.stdout.write(`${figures.missed} calls were not made this time, as what comes in how many pieces is chance\n`);
  process.stdout.write(`${closingLine(figures)}\n`);
  return figures.violations.length + broken === 0 ? 0 : 1;
}
