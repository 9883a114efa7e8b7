import { randomUUID } from "node:crypto";
import {
  absolutePathSchema,
  parseUntrusted,
  runnerIdSchema,
  type RunnerHost,
  type RunnerSessionOptions,
  type SecretRef,
} from "@mooring/api";
import * as z from "zod";
import { expected, unsupported } from "../errors/expected.js";

/** The caller's options, checked; what was left out stays out. */
export interface SessionOptions {
  readonly sessionId: string;
  readonly workspace: string | undefined;
  readonly readRoots: readonly string[] | undefined;
  readonly writeRoots: readonly string[] | undefined;
  readonly env: Readonly<Record<string, string | SecretRef>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly onDispose: "close" | "detach" | "destroy" | undefined;
  readonly signal: AbortSignal | undefined;
  readonly host: RunnerHost | undefined;
}

const label = z
  .string()
  .max(512)
  .refine((text) => !/[\0\r\n]/.test(text), "expected text without NUL or line breaks");

export const labelsSchema = z.record(
  label.refine((name) => name !== "" && !name.includes("="), "expected a name that is not empty and has no ="),
  label,
);

const optionsSchema = z.object({
  sessionId: runnerIdSchema.optional(),
  workspace: absolutePathSchema.optional(),
  readRoots: z.array(absolutePathSchema).max(1_000).optional(),
  writeRoots: z.array(absolutePathSchema).max(1_000).optional(),
  labels: labelsSchema.default({}),
  onDispose: z.enum(["close", "detach", "destroy"]).optional(),
});

export async function parseSessionOptions(options: RunnerSessionOptions, providerId: string): Promise<SessionOptions> {
  if (typeof options !== "object" || options === null) throw expected("options", "an object", options);
  if (options.snapshot !== undefined) {
    throw unsupported(`${providerId} cannot start a workspace from a snapshot`, {
      provider: providerId,
      resource: "snapshot",
    });
  }
  const { env, ...rest } = options;
  const parsed = await parseUntrusted(optionsSchema, rest, "session options", { provider: providerId });
  return {
    ...parsed,
    sessionId: parsed.sessionId ?? randomUUID(),
    workspace: parsed.workspace,
    readRoots: parsed.readRoots,
    writeRoots: parsed.writeRoots,
    onDispose: parsed.onDispose,
    env: requireEnvironment(env),
    signal: options.signal,
    host: options.host,
  };
}

/** By hand: a schema's message would repeat the value, which may be secret. */
function requireEnvironment(env: unknown): Readonly<Record<string, string | SecretRef>> {
  if (env === undefined) return {};
  if (typeof env !== "object" || env === null || Array.isArray(env))
    throw expected("env", "an object of variables", env);
  return env as Readonly<Record<string, string | SecretRef>>;
}
