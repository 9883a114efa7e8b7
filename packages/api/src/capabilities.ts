/**
 * What a provider or a session can do, as modes. A mode that a reader does not know counts as the weakest
 * one of its field. The conformance kit checks every claim: a claimed mode must work, and what is not claimed
 * must reject with `unsupported`.
 */
export interface RunnerCapabilities {
  readonly commands: RunnerCommandCapabilities;
  readonly files: RunnerFileCapabilities;
  readonly ports: RunnerPortCapabilities;
  readonly snapshots: RunnerSnapshotCapabilities;
  readonly mounts: RunnerMountCapabilities;
  readonly artifacts: RunnerArtifactCapabilities;
  readonly lifecycle: RunnerLifecycleCapabilities;
}

export interface RunnerCommandCapabilities {
  /** `bytes`: output arrives byte for byte. `utf8`: the place decodes it. `none`: it runs no commands. */
  readonly output: "bytes" | "utf8" | "none";
  /** Whether standard error can be told from standard output. */
  readonly stderr: "separate" | "merged";
  /** `exact`: death by a signal is told from every exit code. */
  readonly exitSignal: "exact" | "none";
  /** `pipe`: standard input can be written while the command runs. */
  readonly stdin: "pipe" | "none";
  /** `resize`: a terminal whose size can change. */
  readonly pty: "resize" | "fixed" | "none";
  /** `any`: the request's `user` is honoured. */
  readonly user: "any" | "none";
  /** `journal`: a durable command outlives the connection and its owner, and keeps its output and exit record. */
  readonly durable: "journal" | "none";
  /** What ends with a command: all its descendants, its process group, only itself, or nothing for certain. */
  readonly kill: "tree" | "group" | "process" | "none";
  /** Where `attach` starts: at any byte kept, at what comes next, or not at all. */
  readonly attach: "cursor" | "live" | "none";
  /** What the kernel keeps this very session's commands from: `workspace-write` allows writing in the write roots only. */
  readonly confinement: "workspace-write" | "none";
}

export interface RunnerFileCapabilities {
  readonly access: "read-write" | "read" | "none";
  /** `kernel`: paths are resolved and used in one step that cannot be raced. `advisory`: they are checked first. */
  readonly confinement: "kernel" | "advisory";
  readonly watch: "native" | "poll" | "none";
  readonly archive: "tar" | "none";
}

export interface RunnerPortCapabilities {
  readonly expose: "url" | "none";
  readonly connect: "stream" | "none";
}

export interface RunnerSnapshotCapabilities {
  /** `live`: taken while the session runs. `stops`: the session pauses or ends for it. */
  readonly native: "live" | "stops" | "none";
}

/** How a kind of mount is made: through FUSE, by copying in and out, by the provider itself, or not. */
export type RunnerMountMode = "fuse" | "sync" | "native" | "none";

export interface RunnerMountCapabilities {
  readonly s3: RunnerMountMode;
  readonly gcs: RunnerMountMode;
  readonly r2: RunnerMountMode;
  readonly azureBlob: RunnerMountMode;
  readonly boxStorage: RunnerMountMode;
  readonly providerNative: RunnerMountMode;
  /** Whether mounts can be added and removed while a session runs. */
  readonly dynamic: "yes" | "none";
}

export interface RunnerArtifactCapabilities {
  /** `blob`: stored in `host.blobs`. `native`: the provider keeps it. */
  readonly export: "blob" | "native" | "none";
}

export interface RunnerLifecycleCapabilities {
  /** What a paused session keeps. */
  readonly pause: "memory" | "disk" | "none";
  /** `running`: what was detached runs on and can be resumed. */
  readonly detach: "running" | "none";
  /** Whether `extend` moves `expiresAtMs`. */
  readonly extend: "yes" | "none";
}

/** The modes of every field, weakest last: what a reader falls back to when it meets one it does not know. */
export const runnerCapabilityModes = {
  commands: {
    output: ["bytes", "utf8", "none"],
    stderr: ["separate", "merged"],
    exitSignal: ["exact", "none"],
    stdin: ["pipe", "none"],
    pty: ["resize", "fixed", "none"],
    user: ["any", "none"],
    durable: ["journal", "none"],
    kill: ["tree", "group", "process", "none"],
    attach: ["cursor", "live", "none"],
    confinement: ["workspace-write", "none"],
  },
  files: {
    access: ["read-write", "read", "none"],
    confinement: ["kernel", "advisory"],
    watch: ["native", "poll", "none"],
    archive: ["tar", "none"],
  },
  ports: { expose: ["url", "none"], connect: ["stream", "none"] },
  snapshots: { native: ["live", "stops", "none"] },
  mounts: {
    s3: ["fuse", "sync", "native", "none"],
    gcs: ["fuse", "sync", "native", "none"],
    r2: ["fuse", "sync", "native", "none"],
    azureBlob: ["fuse", "sync", "native", "none"],
    boxStorage: ["fuse", "sync", "native", "none"],
    providerNative: ["fuse", "sync", "native", "none"],
    dynamic: ["yes", "none"],
  },
  artifacts: { export: ["blob", "native", "none"] },
  lifecycle: {
    pause: ["memory", "disk", "none"],
    detach: ["running", "none"],
    extend: ["yes", "none"],
  },
} as const satisfies {
  readonly [Facet in keyof RunnerCapabilities]: {
    readonly [Field in keyof RunnerCapabilities[Facet]]: readonly RunnerCapabilities[Facet][Field][];
  };
};

/** A session that can do nothing: every field in its weakest mode. What a provider claims is spread over it. */
export const weakestRunnerCapabilities: RunnerCapabilities = {
  commands: {
    output: "none",
    stderr: "merged",
    exitSignal: "none",
    stdin: "none",
    pty: "none",
    user: "none",
    durable: "none",
    kill: "none",
    attach: "none",
    confinement: "none",
  },
  files: { access: "none", confinement: "advisory", watch: "none", archive: "none" },
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
  lifecycle: { pause: "none", detach: "none", extend: "none" },
};
