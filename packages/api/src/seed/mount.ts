import type { JsonObject } from "../json.js";
import type { RunnerMount, RunnerMountIntent, RunnerMountKind } from "../mount.js";
import { encodeSecretRef, readSecretRef } from "./references.js";
import { SeedReader } from "./seed-reader.js";

/** Mount kinds are spelled alike on both sides. */
const mountKinds: readonly string[] = [
  "s3",
  "gcs",
  "r2",
  "azure_blob",
  "box_storage",
  "provider_native",
] satisfies RunnerMountKind[];

export function decodeMount(value: unknown): RunnerMount {
  return readMount(value, "mount", "");
}

export function encodeMount(mount: RunnerMount): JsonObject {
  return {
    name: mount.name,
    path: mount.path,
    read_only: mount.readOnly,
    intent: encodeMountIntent(mount.intent),
  };
}

export function decodeMountIntent(value: unknown): RunnerMountIntent {
  return readMountIntent(value, "mount intent", "");
}

/** Without credentials there is no such key. */
export function encodeMountIntent(intent: RunnerMountIntent): JsonObject {
  return {
    kind: intent.kind,
    uri: intent.uri,
    ...(intent.credentials === undefined ? {} : { credentials: encodeSecretRef(intent.credentials) }),
  };
}

export function readMount(value: unknown, what: string, path: string): RunnerMount {
  const reader = new SeedReader(value, what, path);
  return {
    name: reader.string("name"),
    path: reader.string("path"),
    readOnly: reader.boolean("read_only"),
    intent: reader.has("intent") ? reader.nested("intent", readMountIntent) : { kind: "provider_native", uri: "" },
  };
}

function readMountIntent(value: unknown, what: string, path: string): RunnerMountIntent {
  const reader = new SeedReader(value, what, path);
  const kind = reader.string("kind");
  if (!mountKinds.includes(kind)) throw reader.wrong("kind", `one of ${mountKinds.join(", ")}`);
  const credentials = reader.nullable("credentials", readSecretRef);
  return {
    kind: kind as RunnerMountKind,
    uri: reader.string("uri", { mayBeEmpty: true }),
    ...(credentials === null ? {} : { credentials }),
  };
}
