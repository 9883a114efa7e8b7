import { type RunnerCapabilities, weakestRunnerCapabilities } from "@mooring/api";

/** What a runner in memory can do, and no more. */
export const memoryCapabilities: RunnerCapabilities = {
  ...weakestRunnerCapabilities,
  commands: {
    ...weakestRunnerCapabilities.commands,
    output: "bytes",
    stderr: "separate",
    exitSignal: "exact",
    stdin: "pipe",
    kill: "process",
    attach: "cursor",
  },
  files: { access: "read-write", confinement: "kernel", watch: "none", archive: "none" },
  lifecycle: { ...weakestRunnerCapabilities.lifecycle, detach: "running" },
};
