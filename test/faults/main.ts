import { randomBytes } from "node:crypto";
import process from "node:process";
import { parseArgs } from "node:util";
import { type PlannedFault, planFaults, plannedName, sample } from "./fault-plan.js";
import { LoopLag } from "./loop-lag.js";
import { MarkedProcesses } from "./marked-processes.js";
import type { Place } from "./places/place.js";
import { helperPlace, shellPlace } from "./places/child-places.js";
import { allScenarios } from "./scenarios/all-scenarios.js";
import type { RunContext } from "./run-fault.js";
import type { Scenario } from "./scenario.js";
import { parseFault } from "./transport/fault.js";
import { closingLine, inParallel, tryFaults } from "./try-faults.js";

const usage = `Usage: npm run faults -- [--long] [--seed TEXT] [--only NAME] [--in-flight N]

Lets each call of a transport fail in turn, in each of its ways, and looks at every call above.

  --long         some 14,000 faults, of which more than 10,000 count, instead of 800
  --seed TEXT    chooses the same faults, and the same garbage, again
  --only NAME    those whose names begin so: bytes.run/stdout.data#3/hang
  --in-flight N  so many at a time (default 16)`;

/** Some of them are not met again, as what comes in how many pieces is chance: more are tried than are to count. */
const longCount = 14_000;

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
    limits: { leaseMs: 1_500, openTimeoutMs: 4_000, placeTimeoutMs: 1_500 },
    seed,
    lag,
    processes: new MarkedProcesses(),
    patienceMs: 5_000,
  };
  await using shell = await shellPlace();
  const wanted = scenariosOf([helperPlace("bytes"), helperPlace("text"), shell], values.only);
  const named = exactly(wanted, values.only);
  const plan = named === undefined ? await plannedOf(wanted, context) : { all: [named], broken: [] };
  for (const problem of plan.broken) process.stdout.write(`without a fault: ${problem}\n`);
  const { all } = plan;
  const count = values.only !== undefined ? all.length : values.long ? longCount : 800;
  const tried = sample(all, count, seed);
  process.stdout.write(`${all.length} faults are known, ${tried.length} are tried\n`);
  const figures = await tryFaults(tried, context, {
    inFlight: Number(values["in-flight"]),
    toleranceMs: 250,
    batch: 400,
    violation: (text) => void process.stdout.write(`${text}\n`),
    progress({ faults, missed, violations }, total) {
      process.stdout.write(`${faults + missed} of ${total}, ${violations.length} violations\n`);
    },
  });
  if (figures.repeated > 0) {
    process.stdout.write(`${figures.repeated} were tried again, as this machine was too busy to tell\n`);
  }
  process.stdout.write(`${figures.missed} calls were not made this time, as what comes in how many pieces is chance\n`);
  process.stdout.write(`${closingLine(figures)}\n`);
  return figures.violations.length + plan.broken.length === 0 ? 0 : 1;
}

interface Wanted {
  readonly place: Place;
  readonly scenario: Scenario;
}

/** The scenarios of each place that offers what they are about, and of which the name may begin so. */
function scenariosOf(places: readonly Place[], only: string | undefined): Wanted[] {
  return places
    .flatMap((place) => allScenarios.map((scenario) => ({ place, scenario })))
    .filter(({ place, scenario }) => scenario.farSides?.includes(place.farSide) ?? true)
    .filter(({ place, scenario }) => {
      const prefix = `${place.name}.${scenario.name}/`;
      return only === undefined || only.startsWith(prefix) || prefix.startsWith(only);
    });
}

/** The one fault that a whole name means. */
function exactly(wanted: readonly Wanted[], only: string | undefined): PlannedFault | undefined {
  const [, fault] = /\/(.+\/.+)$/.exec(only ?? "") ?? [];
  const [one] = wanted;
  return one === undefined || fault === undefined ? undefined : { ...one, fault: parseFault(fault) };
}

/** Every fault that these can have, and what is wrong with them without any. */
async function plannedOf(
  wanted: readonly Wanted[],
  context: RunContext,
): Promise<{ readonly all: readonly PlannedFault[]; readonly broken: readonly string[] }> {
  const all: PlannedFault[] = [];
  const broken: string[] = [];
  await inParallel(wanted, 4, async ({ place, scenario }) => {
    const { dry, faults } = await planFaults(place, scenario, context);
    for (const { label, violation } of dry.calls) {
      if (violation !== undefined) broken.push(`${dry.name}: ${label} ${violation}`);
    }
    broken.push(...dry.leaks.map((leak) => `${dry.name}: ${leak}`));
    all.push(...faults.filter((one) => values.only === undefined || plannedName(one).startsWith(values.only)));
  });
  return { all: all.toSorted((one, other) => (plannedName(one) < plannedName(other) ? -1 : 1)), broken };
}
