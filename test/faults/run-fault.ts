import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { defineProvider, type ProviderDefinition } from "@mooring/provider-kit";
import { describeError } from "./codes.js";
import type { LoopLag } from "./loop-lag.js";
import { commandLineOf, type MarkedProcesses } from "./marked-processes.js";
import type { Limits, Place, PlaceConfig, PlaceDestination, PlaceProvider } from "./places/place.js";
import type { Scenario } from "./scenario.js";
import { type CallRecord, Stage } from "./stage.js";
import { type Fault, faultName, type Primitive } from "./transport/fault.js";
import { faultyDefinition } from "./transport/faulty-definition.js";
import { Injector } from "./transport/injector.js";

/** What all runs share. */
export interface RunContext {
  readonly limits: Limits;
  readonly seed: string;
  readonly lag: LoopLag;
  readonly processes: MarkedProcesses;
  readonly patienceMs: number;
  /** Makes the provider of a definition: another than the kit's own is a planted bug. @default defineProvider */
  readonly makeProvider?: (definition: ProviderDefinition<PlaceConfig>) => PlaceProvider;
}

export interface RunReport {
  readonly name: string;
  /** Whether the call that was to fail was made; it is not always, as chunks come as they come. */
  readonly hasFired: boolean;
  readonly calls: readonly CallRecord[];
  readonly leaks: readonly string[];
  /** The longest time in which this process did not get to run. */
  readonly longestGapMs: number;
  /** How often each primitive was called. */
  readonly counts: ReadonlyMap<Primitive, number>;
}

/** One scenario over one place with at most one fault, and what it left behind. */
export async function runFault(
  place: Place,
  scenario: Scenario,
  fault: Fault | undefined,
  context: RunContext,
): Promise<RunReport> {
  const { limits, lag, processes, patienceMs, makeProvider = defineProvider } = context;
  const name = `${place.name}.${scenario.name}/${fault === undefined ? "none" : faultName(fault)}`;
  const begin = performance.now();
  const directory = await realpath(await mkdtemp(join(tmpdir(), "mooring-faults-")));
  const root = join(directory, "workspace");
  await mkdir(root);
  await mkdir(join(directory, "temporary"));
  const mark = directory.slice(directory.lastIndexOf("-") + 1);
  const injector = new Injector({
    ...(fault === undefined ? {} : { fault }),
    seed: `${context.seed} ${name}`,
    lateMs: Math.max(limits.openTimeoutMs, limits.placeTimeoutMs) + 200,
  });
  const definition = place.definition({ directory, mark, limits });
  const destination: PlaceDestination = {
    id: "faulty",
    providerId: definition.id,
    config: { root },
    defaultManifest: { entries: [], mounts: [] },
  };
  const plainProvider = defineProvider(definition);
  const stage = new Stage({
    provider: makeProvider(faultyDefinition(definition, injector, place.garbage)),
    plainProvider,
    destination,
    directory,
    farSide: place.farSide,
    fault,
    limits,
    lag,
    patienceMs,
  });
  const leaks: string[] = [];
  try {
    await scenario.run(stage);
    await stage.finish();
    // What comes late is still on its way.
    if (fault?.manner === "delay-late") await delay(injector.lateMs - limits.openTimeoutMs + 300);
    await noProcess(mark, processes, limits.leaseMs + 4_000, leaks);
    await noState(directory, plainProvider, destination, leaks);
    await noTemporaryFile(directory, leaks);
  } catch (error) {
    leaks.push(`the scenario itself failed: ${describeError(error)} ${error instanceof Error ? error.stack : ""}`);
  } finally {
    for (const pid of processes.of(mark)) killQuietly(pid);
    injector.release();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
  return {
    name,
    hasFired: injector.hasFired,
    calls: stage.records,
    leaks,
    longestGapMs: lag.longestGapSince(begin),
    counts: injector.counts,
  };
}

async function noProcess(mark: string, processes: MarkedProcesses, withinMs: number, leaks: string[]): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const alive = processes.of(mark);
    if (alive.length === 0) return;
    if (performance.now() > deadline) {
      leaks.push(`${alive.length} processes live: ${alive.map((pid) => `${pid} ${commandLineOf(pid)}`).join("; ")}`);
      return;
    }
    await delay(50);
  }
}

const reapMs = 2_000;

/** State of a session that could not be removed is for the next who reaps; what then is left has leaked. */
async function noState(
  directory: string,
  provider: PlaceProvider,
  destination: PlaceDestination,
  leaks: string[],
): Promise<void> {
  let left = await statesIn(directory);
  // Who was killed a moment ago may not be gone yet.
  for (const begin = performance.now(); left.length > 0 && performance.now() - begin < reapMs; await delay(50)) {
    await provider.reap?.(destination);
    left = await statesIn(directory);
  }
  if (left.length > 0) leaks.push(`state that is not reaped: ${left.join(", ")}`);
}

async function statesIn(directory: string): Promise<string[]> {
  const state = join(directory, "state/mooring");
  while (existsSync(state)) {
    try {
      const entries = await readdir(state, { recursive: true });
      return entries.filter((entry) => entry !== "shell");
    } catch (error) {
      // A directory was removed while it was looked through.
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    }
  }
  return [];
}

async function noTemporaryFile(directory: string, leaks: string[]): Promise<void> {
  const temporary = await readdir(join(directory, "temporary"));
  if (temporary.length > 0) leaks.push(`temporary files: ${temporary.join(", ")}`);
  const beside = await readdir(directory, { recursive: true });
  const unfinished = beside.filter((entry) => /\.mooring-[^/]*$|\.tmp$/.test(entry));
  if (unfinished.length > 0) leaks.push(`unfinished files: ${unfinished.join(", ")}`);
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone.
  }
}
