import * as z from "zod";
import {
  nameSchema,
  runnerIdSchema,
  runnerSessionStateSchema,
  secretRefSchema,
  threadRunnerBindingSchema,
  type RunnerSessionState,
  type SecretRef,
  type ThreadRunnerBinding,
} from "@mooring/api";

export const threadIdSchema = nameSchema.max(256);

const environmentNameSchema = z.string().regex(/^[^=\0]{1,256}$/, "expected a name without = and NUL");

export const sessionEnvironmentSchema: z.ZodType<Readonly<Record<string, string | SecretRef>>> = z.record(
  environmentNameSchema,
  z.union([z.string(), secretRefSchema]),
);

/**
 * What is known of a thread's session. `creating` is written before a provider is asked, so that a session whose
 * creation was not answered can be found again by its id.
 */
export type SessionRecord =
  | { readonly status: "creating"; readonly sessionId: string }
  | { readonly status: "open"; readonly sessionId: string; readonly state: RunnerSessionState };

/** What is stored of a thread. It holds names of secrets, never their values. */
export interface ThreadRecord {
  readonly version: 1;
  readonly threadId: string;
  /** `unbound` stays on record: a default destination is for new threads only. */
  readonly status: "bound" | "unbound";
  /** New with each binding, so that a session is never used for another binding than its own. */
  readonly bindingId: string;
  /** Its `config` is as it was given, not as the provider's schema parsed it. */
  readonly binding: ThreadRunnerBinding;
  /** For every command of the session. */
  readonly env: Readonly<Record<string, string | SecretRef>>;
  readonly session: SessionRecord | null;
}

/** What is read back from a store is untrusted. */
export const threadRecordSchema: z.ZodType<ThreadRecord> = z.object({
  version: z.literal(1),
  threadId: threadIdSchema,
  status: z.enum(["bound", "unbound"]),
  bindingId: runnerIdSchema,
  binding: threadRunnerBindingSchema,
  env: sessionEnvironmentSchema,
  session: z
    .discriminatedUnion("status", [
      z.object({ status: z.literal("creating"), sessionId: runnerIdSchema }),
      z.object({
        status: z.literal("open"),
        sessionId: runnerIdSchema,
        state: runnerSessionStateSchema,
      }),
    ])
    .nullable(),
});

/** The names of secrets that stand in a JSON value: every `{ id }` that has nothing else. */
export function secretsIn(value: unknown): SecretRef[] {
  if (typeof value !== "object" || value === null) return [];
  const values: unknown[] = Object.values(value);
  if (!Array.isArray(value) && values.length === 1 && "id" in value && typeof value.id === "string") {
    return [{ id: value.id }];
  }
  return values.flatMap(secretsIn);
}
