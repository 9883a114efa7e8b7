import {
  describeValue,
  nameSchema,
  parseUntrusted,
  type RunnerDestination,
  RunnerError,
  runnerManifestSchema,
  runnerRequirementsSchema,
  secretLikeKeyIssues,
  type StandardSchemaV1,
} from "@mooring/api";
import * as z from "zod";
import { expected, unsupported } from "../errors/expected.js";

const envelopeSchema = z.object({
  id: nameSchema,
  providerId: z.string(),
  defaultManifest: runnerManifestSchema.default({ entries: [], mounts: [] }),
  requirements: runnerRequirementsSchema.optional(),
});

/** A schema that refuses secret-like keys at any depth before the provider's own is asked. */
export function withoutSecretLikeKeys<Config>(
  schema: StandardSchemaV1<unknown, Config>,
): StandardSchemaV1<unknown, Config> {
  return {
    "~standard": {
      version: 1,
      vendor: "mooring",
      validate: (value) => {
        const issues = secretLikeKeyIssues(value);
        return issues.length > 0 ? { issues } : schema["~standard"].validate(value);
      },
    },
  };
}

/** The destination with its configuration parsed, or `invalid_request` that names the field; `unsupported` for what is not enforced. */
export async function parseDestination<Config>(
  destination: unknown,
  providerId: string,
  configSchema: StandardSchemaV1<unknown, Config>,
): Promise<RunnerDestination<Config>> {
  if (typeof destination !== "object" || destination === null) throw expected("destination", "an object", destination);
  requireNoRequirements((destination as Readonly<Record<string, unknown>>)["requirements"], providerId);
  const envelope = await parseUntrusted(envelopeSchema, destination, "destination", { resource: "destination" });
  if (envelope.providerId !== providerId) {
    throw new RunnerError(
      "invalid_request",
      `Expected \`providerId\` of destination to be "${providerId}", got ${describeValue(envelope.providerId)}`,
      { resource: "destination", retryable: false, phase: "before_start" },
    );
  }
  const config = await parseUntrusted(
    configSchema,
    (destination as Readonly<Record<string, unknown>>)["config"],
    `config of ${providerId}`,
    { resource: "destination", provider: providerId },
  );
  const { entries, mounts } = envelope.defaultManifest;
  if (entries.length > 0 || mounts.length > 0) {
    throw unsupported(
      `${providerId} does not furnish a workspace from a manifest; got ${entries.length} entries and ${mounts.length} mounts`,
      {
        provider: providerId,
        resource: "destination",
      },
    );
  }
  return { ...envelope, config };
}

/** A requirement is enforced or refused, whether its key is known or not. */
function requireNoRequirements(requirements: unknown, providerId: string): void {
  if (typeof requirements !== "object" || requirements === null) return;
  const keys = Object.entries(requirements).flatMap(([key, value]) => (value === undefined ? [] : [key]));
  if (keys.length === 0) return;
  throw unsupported(`${providerId} cannot enforce the requirements ${keys.join(", ")}`, {
    provider: providerId,
    resource: "destination",
    details: { requirements: keys },
  });
}
