import * as z from "zod";
import type { RunnerManifest, RunnerManifestEntry } from "../manifest.js";
import type { RunnerMount, RunnerMountIntent, RunnerMountKind } from "../mount.js";
import type { SecretRef } from "../secret-ref.js";
import { nameSchema } from "./identifiers.js";

/** Keeps the id and nothing else: a `value` that came along is dropped. */
export const secretRefSchema: z.ZodType<SecretRef> = z.object({ id: nameSchema });

export const runnerMountKindSchema: z.ZodType<RunnerMountKind> = z.enum([
  "s3",
  "gcs",
  "r2",
  "azure_blob",
  "box_storage",
  "provider_native",
]);

const defaultIntent: RunnerMountIntent = { kind: "provider_native", uri: "" };

const runnerMountIntentSchema: z.ZodType<RunnerMountIntent> = z.object({
  kind: runnerMountKindSchema.default(defaultIntent.kind),
  uri: z.string().max(4096).default(defaultIntent.uri),
  credentials: secretRefSchema.optional(),
});

export const runnerMountSchema: z.ZodType<RunnerMount> = z.object({
  name: nameSchema,
  path: nameSchema,
  readOnly: z.boolean(),
  intent: runnerMountIntentSchema.default(defaultIntent),
});

const runnerManifestEntrySchema: z.ZodType<RunnerManifestEntry> = z.object({
  source: nameSchema,
  target: nameSchema,
  writable: z.boolean(),
});

export const runnerManifestSchema: z.ZodType<RunnerManifest> = z.object({
  entries: z.array(runnerManifestEntrySchema).max(10_000).default([]),
  mounts: z.array(runnerMountSchema).max(1_000).default([]),
});
