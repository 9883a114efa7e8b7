import { type Check, needsAll, needsCommands, needsFiles, needsMode } from "../../check.js";
import type { CheckContext } from "../../check-context.js";
import { openArena } from "../../swapper/race-arena.js";
import { raceVerbIn } from "../../swapper/race-files.js";
import type { RaceResult } from "../../swapper/race-result.js";
import { summarizeRaces } from "../../swapper/race-summary.js";
import type { RaceVerb } from "../../swapper/race-verb.js";
import { raceVerbs } from "../../swapper/race-verbs.js";

/** One check for each verb, over all shapes and attackers. */
export const raceChecks: readonly Check[] = raceVerbs.map((verb) => ({
  id: `confinement.race-${verb.id}`,
  title: `While attackers exchange what is on the path, no ${verb.title} leaves the workspace, and enough of it succeeds`,
  needs: needsAll(needsFiles, needsCommands, needsMode("files", "confinement", "kernel"), verb.needs ?? noNeeds),
  tools: ["sh", "ln"],
  deadlineMs: 90_000,
  run: (context) => race(context, verb),
}));

function noNeeds(): undefined {
  return undefined;
}

async function race(context: CheckContext, { id }: RaceVerb): Promise<void> {
  const arena = await openArena(context.session, await context.directory(), (workspace) =>
    context.freshSession({ ...context.sessionOptions(), workspace, readRoots: [], writeRoots: [] }),
  );
  const { raceOperations: operations = 500 } = context.facts;
  const results: RaceResult[] = [];
  for await (const result of raceVerbIn(arena, id, { operations }, context.slowness)) results.push(result);
  for (const summary of summarizeRaces(results)) {
    const { races, operations: tried, succeeded, swaps, faults, skipped } = summary;
    for (const reason of skipped) context.note("an attacker that the place cannot run", reason);
    const asked = `${tried} operations in ${races} races, ${swaps} exchanges, ${succeeded} succeeded: nothing wrong`;
    context.that(asked, faults.length === 0, faults.length === 0 ? "nothing" : faults.join("; "));
  }
}
