import { randomUUID } from "node:crypto";
import * as z from "zod";
import {
  absolutePathSchema,
  jsonValueSchema,
  nameSchema,
  parseUntrusted,
  providerIdSchema,
  runnerDestinationSchema,
  runnerManifestSchema,
  runnerRequirementsSchema,
  RunnerError,
  secretLikeKeyIssues,
  type RunnerManifest,
  type RunnerRequirements,
  type SecretRef,
} from "@mooring/api";
import type { ProviderRegistry } from "./provider-registry.js";
import { sessionEnvironmentSchema, type ThreadRecord } from "./thread-record.js";

/** A destination as `bind` takes it: what is left out has a default. */
export interface DestinationInput {
  /** @default "thread-<thread id>" */
  readonly id?: string;
  readonly providerId: string;
  /** @default null */
  readonly config?: unknown;
  readonly defaultManifest?: RunnerManifest;
  readonly requirements?: RunnerRequirements;
}

export interface BindingInput {
  /** A destination, or a location such as `unix-local:/srv/app`. @default the orchestrator's `defaultDestination` */
  readonly destination?: DestinationInput | string;
  /** Absolute, on the runner. @default what the destination's configuration implies */
  readonly workspace?: string;
  /** Absolute; reads may resolve under these too. @default [] */
  readonly readRoots?: readonly string[];
  /** For every command of the thread. Secrets are given as `{ id }`. @default {} */
  readonly env?: Readonly<Record<string, string | SecretRef>>;
}

const destinationInputSchema = z.strictObject({
  id: nameSchema.optional(),
  providerId: providerIdSchema,
  config: jsonValueSchema.optional(),
  defaultManifest: runnerManifestSchema.optional(),
  requirements: runnerRequirementsSchema.optional(),
});

const bindingInputSchema = z.strictObject({
  destination: z.union([z.string().min(1), z.looseObject({})]),
  workspace: absolutePathSchema.optional(),
  readRoots: z.array(absolutePathSchema).max(1_000).default([]),
  env: sessionEnvironmentSchema.default({}).superRefine((env, context) => {
    for (const issue of secretLikeKeyIssues(env)) context.addIssue({ code: "custom", ...issue });
  }),
});

/** A thread's record, whole and checked by the provider. Nothing was created; `invalid_request` says what is wrong. */
export async function prepareBinding(
  threadId: string,
  input: BindingInput,
  providers: ProviderRegistry,
  signal?: AbortSignal,
): Promise<ThreadRecord> {
  const request = await parseUntrusted(bindingInputSchema, input, "binding", { operation: "bind" });
  const given =
    typeof request.destination === "string"
      ? { ...providers.parseLocation(request.destination), id: undefined }
      : request.destination;
  const { id, ...rest } = await parseUntrusted(destinationInputSchema, given, "destination", {
    operation: "bind",
    resource: "destination",
  });
  const provider = providers.get(rest.providerId);
  const destination = await parseUntrusted(
    runnerDestinationSchema,
    { ...rest, id: id ?? `thread-${threadId}` },
    "destination",
    { operation: "bind", resource: "destination" },
  );
  const config = await parseUntrusted(provider.configSchema, destination.config, `config of ${provider.id}`, {
    operation: "bind",
    resource: "destination",
    provider: provider.id,
  });
  const workspace = request.workspace ?? provider.defaultWorkspace?.(config);
  if (workspace === undefined) throw workspaceMissing(provider.id);
  await provider.validateDestination({ ...destination, config }, { signal });
  return {
    version: 1,
    threadId,
    status: "bound",
    bindingId: randomUUID(),
    binding: { destination, workspace, readRoots: request.readRoots },
    env: request.env,
    session: null,
  };
}

function workspaceMissing(providerId: string): RunnerError {
  return new RunnerError(
    "invalid_request",
    `Expected \`workspace\` of binding to be an absolute path, got nothing, and this configuration of ${providerId} implies none`,
    { operation: "bind", resource: "destination", retryable: false, phase: "before_start" },
  );
}
