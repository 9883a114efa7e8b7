import type { Check } from "../../check.js";
import { hostileArchiveChecks } from "./archives.js";
import { impostorChecks } from "./impostors.js";
import { nameChecks } from "./names.js";
import { outputChecks } from "./outputs.js";
import { parentChecks } from "./parents.js";
import { specialFileChecks } from "./special-files.js";
import { stateChecks } from "./states.js";
import { treeChecks } from "./trees.js";
import { workspaceChecks } from "./workspaces.js";

/** What somebody on the far side can do to lie, stall or escape. */
export const hostileChecks: readonly Check[] = [
  ...parentChecks,
  ...outputChecks,
  ...nameChecks,
  ...specialFileChecks,
  ...treeChecks,
  ...workspaceChecks,
  ...impostorChecks,
  ...stateChecks,
  ...hostileArchiveChecks,
];
