import type { Json } from "../engine/fuzz-target.js";

/** Values that each schema takes, to be changed from there. */
export const mounts: readonly Json[] = [
  { name: "cache", path: ".cache", readOnly: false },
  {
    name: "dataset",
    path: "mnt/dataset",
    readOnly: true,
    intent: { kind: "r2", uri: "r2://bucket/prefix", credentials: { id: "r2-readonly" } },
  },
];

export const manifests: readonly Json[] = [
  { entries: [{ source: "src", target: "workspace/src", writable: true }], mounts },
  {},
];

export const destinations: readonly Json[] = [
  {
    id: "here",
    providerId: "unix-local",
    config: { root: "/srv", env: { TOKEN: { id: "box-token" } } },
    defaultManifest: manifests[0] ?? null,
    requirements: { network: "none", memoryBytes: 1_000_000 },
  },
  { id: "there", providerId: "p" },
];

export const states: readonly Json[] = [
  {
    version: 1,
    providerId: "unix-local",
    sessionId: "s-1",
    destinationId: "here",
    snapshot: { providerId: "unix-local", snapshotId: "snap", metadata: null },
    workspace: "/srv/app",
    metadata: { note: ["mine"] },
    providerState: { container: "abc" },
  },
  { version: 1, providerId: "memory", sessionId: "one", destinationId: "here", workspace: "/workspace" },
];
