import type { RunnerCapabilities } from "@mooring/api";

/** What a runner in memory can do, and no more. */
export const memoryCapabilities: RunnerCapabilities = {
  commands: {
    output: "bytes",
    stderr: "separate",
    exitSignal: "exact",
    stdin: "pipe",
    pty: "none",
    user: "none",
    durable: "none",
    kill: "process",
    attach: "cursor",
    confinement: "none",
  },
  files: { access: "read-write", confinement: "kernel", watch: "none", archive: "none" },
  ports: { expose: "none", connect: "none" },
  snapshots: { native: "none" },
  mounts: {
    s3: "none",
    gcs: "none",
    r2: "none",
    azureBlob: "none",
    boxStorage: "none",
    providerNative: "none",
    dynamic: "none",
  },
  artifacts: { export: "none" },
  lifecycle: { pause: "none", detach: "running", extend: "none" },
};
