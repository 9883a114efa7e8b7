import { archiveMutants } from "./faults/archives.js";
import { claimMutants } from "./faults/claims.js";
import { confinementMutants } from "./faults/confinement.js";
import { durableMutants } from "./faults/durable.js";
import { endingMutants } from "./faults/endings.js";
import { environmentMutants } from "./faults/environment.js";
import { fileMutants } from "./faults/files.js";
import { hostileMutants } from "./faults/hostile.js";
import { inputMutants } from "./faults/input.js";
import { lossMutants } from "./faults/loss.js";
import { outputMutants } from "./faults/output.js";
import { portMutants } from "./faults/ports.js";
import { processMutants } from "./faults/process.js";
import { sessionMutants } from "./faults/sessions.js";
import type { Mutant } from "./mutant.js";

/** Faults that are seen in the field, one a mutant. */
export const mutants: readonly Mutant[] = [
  ...claimMutants,
  ...processMutants,
  ...endingMutants,
  ...outputMutants,
  ...inputMutants,
  ...environmentMutants,
  ...fileMutants,
  ...archiveMutants,
  ...confinementMutants,
  ...portMutants,
  ...durableMutants,
  ...sessionMutants,
  ...lossMutants,
  ...hostileMutants,
];
