import type { JsonValue } from "./json.js";

/** Names a snapshot that a provider holds. Its metadata carries no mount path, address or secret. */
export interface RunnerSnapshotRef {
  readonly providerId: string;
  readonly snapshotId: string;
  /** @default null */
  readonly metadata: JsonValue;
}
