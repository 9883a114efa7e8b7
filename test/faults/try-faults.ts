import process from "node:process";
import { describeError } from "./codes.js";
import { type PlannedFault, plannedName } from "./fault-plan.js";
import { heldResources, resourcesBeyond } from "./process-resources.js";
import { runFault, type RunContext, type RunReport } from "./run-fault.js";

/** A machine on which this process does not get to run for so long gives far sides no time to answer in. */
const busyMs = 150;
const mostRepeats = 3;

export interface FaultFigures {
  faults: number;
  /** Whose call was not made this time. */
  missed: number;
  late: number;
  wrong: number;
  unhandled: number;
  leaked: number;
  /** Tried again, as the machine was so busy that nothing could be told. */
  repeated: number;
  /** Of every call above a fault, in milliseconds past its deadline, 0 for those before it. */
  readonly lateness: number[];
  readonly violations: string[];
  readonly scenarios: Set<string>;
}

function noFigures(): FaultFigures {
  return {
    faults: 0,
    missed: 0,
    late: 0,
    wrong: 0,
    unhandled: 0,
    leaked: 0,
    repeated: 0,
    lateness: [],
    violations: [],
    scenarios: new Set(),
  };
}

export interface TryOptions {
  /** How many at once: most of them wait. */
  readonly inFlight: number;
  /** How far past its deadline a call may settle, in milliseconds. */
  readonly toleranceMs: number;
  /** After so many all are let end, and what this process holds is compared with before. */
  readonly batch: number;
  /** Told of every violation at once. */
  violation?(text: string): void;
  progress?(figures: FaultFigures, total: number): void;
}

/** Tries faults, many at a time, and adds up what came of them. */
export async function tryFaults(
  planned: readonly PlannedFault[],
  context: RunContext,
  options: TryOptions,
  figures: FaultFigures = noFigures(),
): Promise<FaultFigures> {
  const underWay = new Set<string>();
  const violate = (text: string): void => {
    figures.violations.push(text);
    options.violation?.(text);
  };
  const noteUnhandled = (error: unknown): void => {
    figures.unhandled++;
    violate(`unhandled: ${describeError(error)} while ${[...underWay].join(", ")} were under way`);
  };
  process.on("unhandledRejection", noteUnhandled);
  process.on("uncaughtException", noteUnhandled);
  try {
    for (let at = 0; at < planned.length; at += options.batch) {
      const before = heldResources();
      const batch = planned.slice(at, at + options.batch);
      await inParallel(batch, options.inFlight, async (one) => {
        const name = plannedName(one);
        underWay.add(name);
        await tryOne(one, context, options, figures);
        underWay.delete(name);
      });
      const beyond = await resourcesBeyond(before);
      if (beyond.length > 0) {
        figures.leaked++;
        violate(
          `leaked: ${beyond.join(", ")} by one of ${plannedName(batch[0] as PlannedFault)} and ${batch.length - 1} more`,
        );
      }
      options.progress?.(figures, planned.length);
    }
  } finally {
    process.off("unhandledRejection", noteUnhandled);
    process.off("uncaughtException", noteUnhandled);
  }
  return figures;
}

async function tryOne(
  { place, scenario, fault }: PlannedFault,
  context: RunContext,
  options: TryOptions,
  figures: FaultFigures,
): Promise<void> {
  const { toleranceMs } = options;
  let report = await runFault(place, scenario, fault, context);
  for (let left = mostRepeats; left > 0 && isWrong(report, toleranceMs) && report.longestGapMs > busyMs; left--) {
    figures.repeated++;
    report = await runFault(place, scenario, fault, context);
  }
  const violate = (text: string): void => {
    figures.violations.push(text);
    options.violation?.(text);
  };
  if (!report.hasFired) {
    figures.missed++;
    return;
  }
  figures.faults++;
  figures.scenarios.add(scenario.name);
  for (const { label, lateMs, violation } of report.calls) {
    figures.lateness.push(Math.max(0, lateMs));
    if (violation !== undefined) {
      figures.wrong++;
      violate(`wrong: ${report.name}: ${label} ${violation}`);
    } else if (lateMs > toleranceMs) {
      figures.late++;
      violate(`late: ${report.name}: ${label} settled ${Math.round(lateMs)} ms past its deadline`);
    }
  }
  for (const leak of report.leaks) {
    figures.leaked++;
    violate(`leaked: ${report.name}: ${leak}`);
  }
}

function isWrong({ calls, leaks }: RunReport, toleranceMs: number): boolean {
  return leaks.length > 0 || calls.some(({ violation, lateMs }) => violation !== undefined || lateMs > toleranceMs);
}

export async function inParallel<Item>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: most }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}

/** The line that a run ends with. */
export function closingLine(figures: FaultFigures): string {
  const { faults, scenarios, late, wrong, unhandled, leaked } = figures;
  const sorted = figures.lateness.toSorted((one, other) => one - other);
  const at = (share: number) => Math.ceil(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return (
    `faults: ${faults.toLocaleString("en")} faults over ${scenarios.size} scenarios, ${late} late, ${wrong} wrong, ` +
    `${unhandled} unhandled, ${leaked} leaked; 99 % within deadline + ${at(0.99)} ms, all within deadline + ${at(1)} ms`
  );
}
