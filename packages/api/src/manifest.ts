import type { RunnerMount } from "./mount.js";

/** A file or directory that is copied into the workspace before the first command runs. */
export interface RunnerManifestEntry {
  /** Path on the host that opens the session. */
  readonly source: string;
  /** Path under the workspace. */
  readonly target: string;
  /** Whether commands may change it. What cannot be enforced is `unsupported`, never ignored. */
  readonly writable: boolean;
}

/** What a workspace is furnished with. */
export interface RunnerManifest {
  /** @default [] */
  readonly entries: readonly RunnerManifestEntry[];
  /** @default [] */
  readonly mounts: readonly RunnerMount[];
}
