import type { JsonObject, JsonValue } from "../json.js";
import { requireJson } from "./require-json.js";
import { SeedReader } from "./seed-reader.js";

export interface SeedArtifactRequest {
  readonly path: string;
  /** @default false */
  readonly recursive: boolean;
}

export interface SeedArtifactResult {
  readonly path: string;
  readonly artifactId: string;
  /** @default null */
  readonly url: string | null;
  /** @default null */
  readonly metadata: JsonValue;
}

export function decodeArtifactRequest(value: unknown): SeedArtifactRequest {
  const reader = new SeedReader(value, "artifact request");
  return { path: reader.string("path"), recursive: reader.boolean("recursive", false) };
}

export function encodeArtifactRequest(request: SeedArtifactRequest): JsonObject {
  return { path: request.path, recursive: request.recursive };
}

export function decodeArtifactResult(value: unknown): SeedArtifactResult {
  const reader = new SeedReader(value, "artifact result");
  return {
    path: reader.string("path"),
    artifactId: reader.string("artifact_id"),
    url: reader.nullableString("url"),
    metadata: reader.json("metadata"),
  };
}

/** Takes a `RunnerArtifact` too; its size, hash and media type are left out. */
export function encodeArtifactResult(result: {
  readonly path: string;
  readonly artifactId: string;
  readonly url?: string | null;
  readonly metadata: JsonValue;
}): JsonObject {
  return {
    path: result.path,
    artifact_id: result.artifactId,
    url: result.url ?? null,
    metadata: requireJson(result.metadata, "artifact result", "metadata"),
  };
}
