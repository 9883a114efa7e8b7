import { type RunnerCapabilities, weakestRunnerCapabilities } from "@mooring/api";

/** The most that a session over the resident helper can do, for a provider to claim. A session tells what it really has. */
export const residentHelperCapabilities: RunnerCapabilities = {
  ...weakestRunnerCapabilities,
  commands: {
    output: "bytes",
    stderr: "separate",
    exitSignal: "exact",
    stdin: "pipe",
    pty: "resize",
    user: "none",
    durable: "journal",
    kill: "tree",
    attach: "cursor",
    confinement: "workspace-write",
  },
  files: { access: "read-write", confinement: "kernel", watch: "native", archive: "tar" },
  ports: { expose: "url", connect: "stream" },
  lifecycle: { ...weakestRunnerCapabilities.lifecycle, detach: "running" },
};
