import type { SecretRef } from "./secret-ref.js";

/** The kinds of storage that a manifest can ask to have mounted. */
export type RunnerMountKind = "s3" | "gcs" | "r2" | "azure_blob" | "box_storage" | "provider_native";

/** Where a mount's contents come from. */
export interface RunnerMountIntent {
  /** @default "provider_native" */
  readonly kind: RunnerMountKind;
  /**
   * The kind's own address, such as `s3://bucket/prefix`; empty where the provider needs none.
   * @default ""
   */
  readonly uri: string;
  /** Names the credentials; absent where the provider has its own. */
  readonly credentials?: SecretRef;
}

/** A storage mounted into a session. */
export interface RunnerMount {
  /** Unique within a session; what `mounts.remove` takes. */
  readonly name: string;
  /** Where it appears: relative to the workspace, or absolute on the runner. */
  readonly path: string;
  readonly readOnly: boolean;
  readonly intent: RunnerMountIntent;
}
