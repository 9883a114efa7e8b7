import * as z from "zod";
import type { RunnerSessionState } from "../session-state.js";
import type { RunnerSnapshotRef } from "../snapshot-ref.js";
import { absolutePathSchema, nameSchema, providerIdSchema, runnerIdSchema } from "./identifiers.js";
import { jsonObjectSchema, jsonValueSchema } from "./json-schema.js";

/** The most that a stored state may take as JSON text: it holds identifiers only. */
const maxStateCharacters = 65_536;

export const runnerSnapshotRefSchema: z.ZodType<RunnerSnapshotRef> = z.object({
  providerId: providerIdSchema,
  snapshotId: nameSchema,
  metadata: jsonValueSchema.default(null),
});

/** Stored state is untrusted: the version must be known, the size bounded, every id well formed. */
export const runnerSessionStateSchema: z.ZodType<RunnerSessionState> = z
  .object({
    version: z.literal(1),
    providerId: providerIdSchema,
    sessionId: runnerIdSchema,
    destinationId: nameSchema,
    snapshot: runnerSnapshotRefSchema.nullable().default(null),
    workspace: absolutePathSchema,
    metadata: jsonValueSchema.default(null),
    providerState: jsonObjectSchema.default({}),
  })
  .refine(
    (state) => JSON.stringify(state).length <= maxStateCharacters,
    `expected at most ${maxStateCharacters} characters of JSON`,
  );
