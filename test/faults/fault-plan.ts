import type { Place } from "./places/place.js";
import { runFault, type RunContext, type RunReport } from "./run-fault.js";
import type { Scenario } from "./scenario.js";
import { type Fault, faultName, faultsOf } from "./transport/fault.js";
import { randomFrom } from "./transport/random.js";

/** One fault of one scenario at one place. */
export interface PlannedFault {
  readonly place: Place;
  readonly scenario: Scenario;
  readonly fault: Fault;
}

export function plannedName({ place, scenario, fault }: PlannedFault): string {
  return `${place.name}.${scenario.name}/${faultName(fault)}`;
}

/** A scenario whose chunks come in so many pieces that each would be a fault of its own is tried at its beginning and its end. */
const mostOccurrences = 24;

/** Runs a scenario without any fault, and says every fault that it can have. */
export async function planFaults(
  place: Place,
  scenario: Scenario,
  context: RunContext,
): Promise<{ readonly dry: RunReport; readonly faults: readonly PlannedFault[] }> {
  const dry = await runFault(place, scenario, undefined, context);
  const garbage = {
    "stdin.write": Object.keys(place.garbage.toFarSide),
    "stdout.data": Object.keys(place.garbage.fromFarSide),
  };
  const faults = [...dry.counts].flatMap(([primitive, count]) =>
    occurrencesOf(count).flatMap((occurrence) =>
      faultsOf(primitive, occurrence, garbage[primitive as keyof typeof garbage] ?? []).map((fault) => ({
        place,
        scenario,
        fault,
      })),
    ),
  );
  return { dry, faults };
}

function occurrencesOf(count: number): number[] {
  const all = Array.from({ length: count }, (_, index) => index + 1);
  return count <= mostOccurrences ? all : [...all.slice(0, mostOccurrences / 2), ...all.slice(-mostOccurrences / 2)];
}

/** So many of them, chosen by the seed alone, each kind and scenario about as often as among all. */
export function sample<Item>(items: readonly Item[], count: number, seed: string): Item[] {
  const random = randomFrom(seed);
  const keyed = items.map((item) => ({ item, key: random() }));
  return keyed
    .toSorted((one, other) => one.key - other.key)
    .slice(0, count)
    .map(({ item }) => item);
}
