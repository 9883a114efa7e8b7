import { type RunnerCapabilities, weakestRunnerCapabilities } from "@mooring/api";

/**
 * What this place really does, and no more: what is not claimed must reject with `unsupported`, and the conformance kit tries
 * both. The rest of the fields are in their weakest modes.
 */
export const myPlaceCapabilities: RunnerCapabilities = {
  ...weakestRunnerCapabilities,
  // A path is resolved and used with nothing awaited in between, so that no one can change it meanwhile.
  files: { access: "read-write", confinement: "kernel", watch: "none", archive: "none" },
  lifecycle: { ...weakestRunnerCapabilities.lifecycle, detach: "running" },
};
