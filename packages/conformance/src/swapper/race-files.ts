import { randomBytes } from "node:crypto";
import type { RemoteRunnerProvider, RemoteRunnerSession, RunnerDestination } from "@mooring/api";
import type { ProviderFacts } from "../provider-facts.js";
import { openArena, type RaceArena } from "./race-arena.js";
import { runCell } from "./race-cell.js";
import { type RaceAttacker, raceAttackers, type RaceResult, type RaceShape, raceShapes } from "./race-result.js";
import { raceVerb, raceVerbs } from "./race-verbs.js";

/** Which races to run, and how much of each. */
export interface RaceOptions {
  /** Ids, as `raceVerbIds` has them. @default all that the session has */
  readonly verbs?: readonly string[];
  /** @default all six */
  readonly shapes?: readonly RaceShape[];
  /** @default all four */
  readonly attackers?: readonly RaceAttacker[];
  /** How many of each verb, shared out evenly among its shapes and attackers. @default 500 */
  readonly operations?: number;
  /** How many at the same time. @default 8 */
  readonly inFlight?: number;
}

/** The ids of the verbs that are raced. */
export const raceVerbIds: readonly string[] = raceVerbs.map(({ id }) => id);

/**
 * Races a provider's file verbs against attackers that exchange what is on the path. Yields one result for each verb,
 * shape and attacker, as they come. Opens two sessions of its own; they are destroyed and what was made is removed when the
 * iteration ends, also early. Needs commands with `sh`.
 *
 * Throws a `RangeError` for a verb that does not exist, and an `Error` when an attacker cannot be run for another reason
 * than that the place lacks its program.
 */
export async function* raceFiles<Config>(
  provider: RemoteRunnerProvider<Config>,
  facts: Pick<ProviderFacts<Config>, "destination" | "options" | "slowness">,
  options: RaceOptions = {},
): AsyncGenerator<RaceResult> {
  const selected = options.verbs ?? raceVerbIds;
  for (const id of selected) raceVerb(id);
  const open = (given?: { workspace: string; readRoots: []; writeRoots: [] }): Promise<RemoteRunnerSession> =>
    provider.createSession(facts.destination as RunnerDestination<Config>, { ...facts.options, ...given });
  const outer = await open();
  const name = `mooring-race-${randomBytes(6).toString("hex")}`;
  const base = `${outer.workspace === "/" ? "" : outer.workspace}/${name}`;
  let arena: RaceArena | undefined;
  try {
    await outer.files.makeDirectory(name);
    arena = await openArena(outer, base, (workspace) => open({ workspace, readRoots: [], writeRoots: [] }));
    for (const id of selected) yield* raceVerbIn(arena, id, options, facts.slowness);
  } finally {
    await arena?.victim.destroy();
    await outer.files.remove(name, { recursive: true });
    await outer.destroy();
  }
}

/** The races of one verb. */
export async function* raceVerbIn(
  arena: RaceArena,
  id: string,
  options: RaceOptions,
  slowness = 1,
): AsyncGenerator<RaceResult> {
  const verb = raceVerb(id);
  if (verb.needs?.(arena.victim.capabilities) !== undefined) return;
  const { shapes = raceShapes, attackers = raceAttackers, operations = 500, inFlight = 8 } = options;
  const each = Math.ceil(operations / (shapes.length * attackers.length));
  for (const shape of shapes) {
    for (const attacker of attackers) {
      const patienceMs = 20_000 * slowness;
      yield await runCell(arena, { verb, shape, attacker, operations: each, inFlight, patienceMs });
    }
  }
}
