import type { Check } from "../check.js";
import { capabilityChecks } from "./capabilities/claims.js";
import { commandConfinementChecks } from "./confinement/commands.js";
import { everydayChecks } from "./confinement/everyday.js";
import { pathChecks } from "./confinement/paths.js";
import { raceChecks } from "./confinement/races.js";
import { rootChecks } from "./confinement/roots.js";
import { durableChecks } from "./durable/durable.js";
import { journalChecks } from "./durable/journal.js";
import { secretChecks } from "./environment/secrets.js";
import { variableChecks } from "./environment/variables.js";
import { archiveChecks } from "./files/archives.js";
import { changingChecks } from "./files/changing.js";
import { readingChecks } from "./files/reading.js";
import { walkingChecks } from "./files/walking.js";
import { watchChecks } from "./files/watching.js";
import { writingChecks } from "./files/writing.js";
import { hostileChecks } from "./hostile/hostile.js";
import { stdinChecks } from "./input/stdin.js";
import { terminalChecks } from "./input/terminal.js";
import { endingLifecycleChecks } from "./lifecycle/endings.js";
import { resumingChecks } from "./lifecycle/resuming.js";
import { viewChecks } from "./lifecycle/views.js";
import { outputByteChecks } from "./output/bytes.js";
import { outputLimitChecks } from "./output/limits.js";
import { streamedOutputChecks } from "./output/streamed.js";
import { portChecks } from "./ports/ports.js";
import { argumentChecks } from "./process/arguments.js";
import { endingChecks } from "./process/endings.js";
import { exitChecks } from "./process/exits.js";
import { handleChecks } from "./process/handles.js";
import { offspringChecks } from "./process/offspring.js";
import { lossChecks } from "./settling/loss.js";
import { offspringLossChecks } from "./settling/offspring-loss.js";
import { startChecks } from "./process/starts.js";
import { requestChecks } from "./settling/requests.js";

/** Every check, in the order in which they run: what tells most comes first. */
export const allChecks: readonly Check[] = [
  ...capabilityChecks,
  ...requestChecks,
  ...argumentChecks,
  ...startChecks,
  ...exitChecks,
  ...endingChecks,
  ...handleChecks,
  ...offspringChecks,
  ...outputByteChecks,
  ...outputLimitChecks,
  ...streamedOutputChecks,
  ...stdinChecks,
  ...terminalChecks,
  ...variableChecks,
  ...secretChecks,
  ...readingChecks,
  ...writingChecks,
  ...changingChecks,
  ...walkingChecks,
  ...watchChecks,
  ...archiveChecks,
  ...pathChecks,
  ...rootChecks,
  ...raceChecks,
  ...commandConfinementChecks,
  ...everydayChecks,
  ...portChecks,
  ...durableChecks,
  ...journalChecks,
  ...endingLifecycleChecks,
  ...resumingChecks,
  ...viewChecks,
  ...lossChecks,
  ...offspringLossChecks,
  ...hostileChecks,
];

/** The part of a check's id before the dot. */
export function groupOf(id: string): string {
  return id.slice(0, id.indexOf("."));
}
