import type { JsonObject, JsonValue } from "./json.js";
import type { RunnerSnapshotRef } from "./snapshot-ref.js";

/**
 * What is kept of a session so that another process can resume it: identifiers only, no configuration and
 * no secret. Whoever reads it back treats it as untrusted input; `resumeSession` validates it.
 */
export interface RunnerSessionState {
  /** The version of this shape. A version that is not known rejects with `invalid_request`. */
  readonly version: 1;
  readonly providerId: string;
  readonly sessionId: string;
  readonly destinationId: string;
  /** @default null */
  readonly snapshot: RunnerSnapshotRef | null;
  /** Absolute, on the runner. */
  readonly workspace: string;
  /** The caller's own notes. @default null */
  readonly metadata: JsonValue;
  /** What the provider needs to find the session again. @default {} */
  readonly providerState: JsonObject;
}
