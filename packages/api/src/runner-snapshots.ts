import type { RunnerCallOptions } from "./runner-command.js";
import type { RunnerSnapshotRef } from "./snapshot-ref.js";

/** Snapshots that the provider itself keeps. Portable ones are archives in `host.blobs`. */
export interface RunnerSnapshots {
  create(options?: { readonly name?: string } & RunnerCallOptions): Promise<RunnerSnapshotRef>;
  list(options?: RunnerCallOptions): Promise<RunnerSnapshotRef[]>;
  /** Rejects with `not_found` when it is not there. */
  delete(reference: RunnerSnapshotRef, options?: RunnerCallOptions): Promise<void>;
}
