import type { JsonObject, JsonValue } from "../json.js";
import type { RunnerSnapshotRef } from "../snapshot-ref.js";
import { encodeSnapshotRef, readSnapshotRef } from "./references.js";
import { requireJson } from "./require-json.js";
import { SeedReader } from "./seed-reader.js";

/** The part of a session's state that the seed has. It lacks the version, the workspace and the provider's own part. */
export interface SeedSessionState {
  readonly providerId: string;
  readonly sessionId: string;
  readonly destinationId: string;
  /** @default null */
  readonly snapshot: RunnerSnapshotRef | null;
  /** @default null */
  readonly metadata: JsonValue;
}

export function decodeSessionState(value: unknown): SeedSessionState {
  const reader = new SeedReader(value, "session state");
  return {
    providerId: reader.string("provider_id"),
    sessionId: reader.string("session_id"),
    destinationId: reader.string("destination_id"),
    snapshot: reader.nullable("snapshot", readSnapshotRef),
    metadata: reader.json("metadata"),
  };
}

/** Takes a `RunnerSessionState` too; what the seed does not have is left out, so it cannot be resumed from this alone. */
export function encodeSessionState(state: SeedSessionState): JsonObject {
  return {
    provider_id: state.providerId,
    session_id: state.sessionId,
    destination_id: state.destinationId,
    snapshot: state.snapshot === null ? null : encodeSnapshotRef(state.snapshot),
    metadata: requireJson(state.metadata, "session state", "metadata"),
  };
}
