import type { JsonObject } from "../json.js";
import type { SecretRef } from "../secret-ref.js";
import type { RunnerSnapshotRef } from "../snapshot-ref.js";
import { requireJson } from "./require-json.js";
import { SeedReader } from "./seed-reader.js";

/** Keeps the id and nothing else: a `value` that came along is dropped unread. */
export function decodeSecretRef(value: unknown): SecretRef {
  return readSecretRef(value, "secret reference", "");
}

export function encodeSecretRef(reference: SecretRef): JsonObject {
  return { id: reference.id };
}

export function decodeSnapshotRef(value: unknown): RunnerSnapshotRef {
  return readSnapshotRef(value, "snapshot reference", "");
}

export function encodeSnapshotRef(reference: RunnerSnapshotRef): JsonObject {
  return {
    provider_id: reference.providerId,
    snapshot_id: reference.snapshotId,
    metadata: requireJson(reference.metadata, "snapshot reference", "metadata"),
  };
}

export function readSecretRef(value: unknown, what: string, path: string): SecretRef {
  return { id: new SeedReader(value, what, path).string("id") };
}

export function readSnapshotRef(value: unknown, what: string, path: string): RunnerSnapshotRef {
  const reader = new SeedReader(value, what, path);
  return {
    providerId: reader.string("provider_id"),
    snapshotId: reader.string("snapshot_id"),
    metadata: reader.json("metadata"),
  };
}
