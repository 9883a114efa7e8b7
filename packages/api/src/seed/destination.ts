import type { RunnerDestination } from "../destination.js";
import type { JsonObject, JsonValue } from "../json.js";
import { RunnerError } from "../runner-error.js";
import { runnerRequirementsSchema } from "../schemas/destination-schema.js";
import { secretLikeKeyIssues } from "../schemas/secret-keys.js";
import type { ThreadRunnerBinding } from "../thread-runner-binding.js";
import { encodeManifest, readManifest } from "./manifest.js";
import { requireJson } from "./require-json.js";
import { readAbsolutePath, SeedReader } from "./seed-reader.js";

/**
 * `config` is kept as it is, key by key; one that holds a secret-like key is refused. `requirements`, which the seed does
 * not have, are read in our own form where they are given: dropping them would ignore them.
 */
export function decodeDestination(value: unknown): RunnerDestination<JsonValue> {
  return readDestination(value, "destination", "");
}

/** Throws `unsupported` for a destination with `requirements`: the seed's form cannot say them, and must not lose them. */
export function encodeDestination(destination: RunnerDestination): JsonObject {
  if (destination.requirements !== undefined) {
    throw new RunnerError("unsupported", "The seed's form of a destination has no `requirements`: expected none", {
      retryable: false,
      phase: "before_start",
      resource: "destination",
    });
  }
  const config = requireJson(destination.config ?? null, "destination", "config");
  refuseSecrets(config, "destination", "config");
  return {
    id: destination.id,
    provider_id: destination.providerId,
    config,
    default_manifest: encodeManifest(destination.defaultManifest),
  };
}

/** A workspace or read root that is not absolute is refused. */
export function decodeThreadBinding(value: unknown): ThreadRunnerBinding {
  const reader = new SeedReader(value, "thread binding");
  return {
    destination: reader.nested("destination", readDestination),
    workspace: reader.nested("workspace", readAbsolutePath),
    readRoots: reader.list("read_roots", readAbsolutePath),
  };
}

export function encodeThreadBinding(binding: ThreadRunnerBinding): JsonObject {
  return {
    destination: encodeDestination(binding.destination),
    workspace: binding.workspace,
    read_roots: [...binding.readRoots],
  };
}

function readDestination(value: unknown, what: string, path: string): RunnerDestination<JsonValue> {
  const reader = new SeedReader(value, what, path);
  const config = reader.json("config");
  refuseSecrets(config, what, reader.pathOf("config"));
  const destination = {
    id: reader.string("id"),
    providerId: reader.string("provider_id"),
    config,
    defaultManifest: reader.has("default_manifest")
      ? reader.nested("default_manifest", readManifest)
      : { entries: [], mounts: [] },
  };
  if (!reader.has("requirements")) return destination;
  const requirements = runnerRequirementsSchema.safeParse(reader.json("requirements"));
  if (!requirements.success) {
    throw reader.wrong("requirements", "requirements that are known, with values of their types");
  }
  return { ...destination, requirements: requirements.data };
}

function refuseSecrets(config: JsonValue, what: string, path: string): void {
  const issue = secretLikeKeyIssues(config)[0];
  if (issue === undefined) return;
  const at = [path, ...issue.path].join(".");
  // The value may be the secret itself: it is not repeated.
  throw new RunnerError("invalid_request", `Wrong \`${at}\` of ${what}: ${issue.message}`, {
    retryable: false,
    phase: "before_start",
    details: { field: at },
  });
}
