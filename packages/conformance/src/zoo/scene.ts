import type { RemoteRunnerSession, RunnerCommand } from "@mooring/api";
import { within } from "../support/deadline.js";
import { type Animal, animalRequest, neighbourLoss, neighbourRequest } from "./animal.js";
import type { Lookout } from "./lookout.js";
import type { OwnerEnding } from "./owner-protocol.js";
import { OwnerStage, type Stage } from "./stage.js";
import { wrongEnding } from "./told.js";
import type { ZooEnding } from "./zoo-ending.js";

/** What became of one command that was ended. */
export interface AnimalOutcome {
  readonly kind: string;
  /** From the call, the expiry or the kill until the last process of it was not seen any more; `null` when it survived. */
  readonly goneAfterMs: number | null;
  /** What else was not as it must be. */
  readonly wrong?: string;
}

/** What became of the commands of one scene. */
export interface SceneOutcome {
  readonly animals: readonly AnimalOutcome[];
  /** Neighbours that did not live or did not answer, a sentence each. */
  readonly neighboursLost: readonly string[];
}

/** What a scene is played with. */
export interface Scenery {
  readonly ending: ZooEnding;
  readonly stage: Stage;
  readonly lookout: Lookout;
  /** Where the neighbours live: the victims' session, where the ending does not concern all of it. */
  readonly home: RemoteRunnerSession;
  readonly victims: readonly Animal[];
  readonly neighbours: readonly Animal[];
  readonly hops: number;
  /** How long after the end processes are looked for before they count as survivors. */
  readonly patienceMs: number;
  readonly slowness: number;
}

/** The commands did not all have their offspring before they were to end: nothing would be proved. */
export class UnreadyScene extends Error {
  override readonly name = "UnreadyScene";
}

/** Plays one scene: starts victims and neighbours at once, ends the victims, and looks at what is left. */
export async function playScene(scenery: Scenery): Promise<SceneOutcome> {
  const { lookout, stage, home, victims, neighbours, hops, slowness } = scenery;
  let living: RunnerCommand[] = [];
  try {
    const started = Promise.all(
      neighbours.map((animal) => home.commands.start(neighbourRequest(lookout, animal, hops))),
    );
    await Promise.all([stage.start(victims.map((animal) => animalRequest(lookout, animal, hops))), started]);
    living = await started;
    await untilAllSeen(scenery);
    const { from, told } = await stage.end();
    const animals = await watchThemGo(scenery, from, told);
    const neighboursLost = await lostNeighbours(scenery, living);
    return { animals, neighboursLost };
  } finally {
    const ends = living.map((command) => command.cancel({ graceMs: 0 }));
    await within(10_000 * slowness, Promise.allSettled([...ends, stage.cleanUp()]));
  }
}

/** Who cannot be seen while it lives could not be missed, either. */
async function untilAllSeen({ lookout, victims, neighbours, slowness }: Scenery): Promise<void> {
  const unseen = new Set([...victims, ...neighbours].map(({ index }) => index));
  const deadline = performance.now() + 10_000 * slowness;
  while (unseen.size > 0) {
    for (const { index, isOffspring } of await lookout.look()) if (isOffspring) unseen.delete(index);
    if (performance.now() > deadline && unseen.size > 0) {
      throw new UnreadyScene(`The offspring of ${unseen.size} commands was never seen`);
    }
  }
}

async function watchThemGo(
  scenery: Scenery,
  from: number,
  telling: Promise<readonly OwnerEnding[]>,
): Promise<AnimalOutcome[]> {
  const { ending, victims, lookout, patienceMs, slowness, stage } = scenery;
  let told: readonly OwnerEnding[] | "late" | undefined;
  const settled = within(patienceMs + 5_000 * slowness, telling).then((outcome) => {
    told = outcome === "late" ? "late" : outcome.value;
  });
  const goneAt = new Map<number, number>();
  const outlived = new Set<number>();
  // What hops between process numbers is missed by many a look.
  for (let empty = 0; empty < 3;) {
    const afterTheEnd = isToldWhenGone(ending) && told !== undefined && told !== "late";
    // The last look searches environments as well.
    const seen = new Set((await lookout.look(empty === 2)).map(({ index }) => index));
    const now = performance.now();
    for (const { index } of victims) {
      if (!seen.has(index)) goneAt.set(index, goneAt.get(index) ?? now);
      else {
        goneAt.delete(index);
        if (afterTheEnd) outlived.add(index);
      }
    }
    empty = goneAt.size === victims.length ? empty + 1 : 0;
    if (now > from + patienceMs && empty === 0) break;
  }
  await settled;
  if (stage instanceof OwnerStage && ending === "connection cut") {
    const thawed = await within(20_000 * slowness, stage.thawed());
    told = thawed === "late" ? "late" : thawed.value;
  }
  return victims.map(({ index, kind }, position) => {
    const gone = goneAt.get(index);
    const lives = gone === undefined || outlived.has(index);
    const wrong = told === "late" ? "its result did not settle" : wrongEnding(ending, told?.[position]);
    return {
      kind: kind.name,
      goneAfterMs: lives ? null : Math.max(0, gone - from),
      ...(wrong === undefined ? {} : { wrong }),
    };
  });
}

/** Whether the caller hears of the end only when nothing is left: then what is seen after that is a survivor, however soon it goes. */
function isToldWhenGone(ending: ZooEnding): boolean {
  return ending !== "helper killed" && ending !== "owner killed" && ending !== "connection cut";
}

async function lostNeighbours({ lookout, home, neighbours, slowness }: Scenery, living: readonly RunnerCommand[]) {
  const lost: string[] = [];
  const seen = new Set<number>();
  for (let look = 0; look < 20 && seen.size < neighbours.length; look += 1) {
    const sightings = await lookout.look();
    for (const { index } of neighbours) {
      if (sightings.some((sighting) => sighting.index === index && sighting.isOffspring)) seen.add(index);
    }
  }
  for (const [position, { index, kind }] of neighbours.entries()) {
    const command = living[position];
    const loss = seen.has(index)
      ? command && (await neighbourLoss(home, command, 10_000 * slowness))
      : "its offspring is gone";
    if (loss !== undefined) lost.push(`a neighbour with ${kind.what}: ${loss}`);
  }
  return lost;
}
