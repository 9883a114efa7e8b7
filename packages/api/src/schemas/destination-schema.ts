import * as z from "zod";
import type { RunnerDestination, RunnerRequirements } from "../destination.js";
import type { ThreadRunnerBinding } from "../thread-runner-binding.js";
import { absolutePathSchema, nameSchema, providerIdSchema } from "./identifiers.js";
import { jsonValueSchema } from "./json-schema.js";
import { runnerManifestSchema } from "./manifest-schema.js";
import { secretLikeKeyIssues } from "./secret-keys.js";

const positiveInteger = z.int().positive();

/** Unknown keys are kept out by `strict`: a requirement is understood or refused, never ignored. */
export const runnerRequirementsSchema: z.ZodType<RunnerRequirements> = z.strictObject({
  network: z.union([z.enum(["none", "full"]), z.strictObject({ allow: z.array(nameSchema) })]).optional(),
  memoryBytes: positiveInteger.optional(),
  cpus: z.number().positive().optional(),
  pids: positiveInteger.optional(),
  diskBytes: positiveInteger.optional(),
  idleTimeoutMs: positiveInteger.optional(),
  maxLifetimeMs: positiveInteger.optional(),
});

/** A destination as JSON. Its `config` is checked for secret-like keys here and by the provider's schema later. */
export const runnerDestinationSchema: z.ZodType<RunnerDestination> = z.object({
  id: nameSchema,
  providerId: providerIdSchema,
  config: jsonValueSchema.default(null).superRefine((config, context) => {
    for (const issue of secretLikeKeyIssues(config)) context.addIssue({ code: "custom", ...issue });
  }),
  defaultManifest: runnerManifestSchema.default({ entries: [], mounts: [] }),
  requirements: runnerRequirementsSchema.optional(),
});

export const threadRunnerBindingSchema: z.ZodType<ThreadRunnerBinding> = z.object({
  destination: runnerDestinationSchema,
  workspace: absolutePathSchema,
  readRoots: z.array(absolutePathSchema).max(1_000).default([]),
});
