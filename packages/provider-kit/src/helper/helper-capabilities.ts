import type { RunnerCapabilities } from "@mooring/api";

/** The most that a session over the resident helper can do, for a provider to claim. A session tells what it really has. */
export const residentHelperCapabilities: RunnerCapabilities = {
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
