import {
  isSecretLikeKey,
  parseUntrusted,
  runnerCapabilitiesSchema,
  runnerDestinationSchema,
  runnerManifestSchema,
  runnerMountSchema,
  runnerRequirementsSchema,
  runnerSessionStateSchema,
  runnerSnapshotRefSchema,
  secretRefSchema,
  type StandardSchemaV1,
  threadRunnerBindingSchema,
} from "@mooring/api";
import type { FuzzTarget, Json } from "../engine/fuzz-target.js";
import { requireNoPollution, requirePlain } from "../oracles/pollution.js";
import { outcomeOfPromise } from "../oracles/refusal.js";
import { requireSame, requireThat, shortened } from "../oracles/violation.js";
import { exoticWords, revived } from "../support/exotic.js";
import { destinations, manifests, mounts, states } from "../support/valid-values.js";

const marked = "hunter2-marked";

/** One of the contract's schemas, behind `parseUntrusted`. */
function schemaTarget<Value>(
  name: string,
  schema: StandardSchemaV1<unknown, Value>,
  seeds: readonly Json[],
): FuzzTarget {
  return {
    name: `schema-${name}`,
    form: "json",
    covers: ["packages/api/src/schemas"],
    seeds: [
      ...seeds,
      "@throws",
      { id: "@throws", name: "@throws", version: "@throws", metadata: "@cycle", config: "@deep" },
    ],
    dictionary: [...exoticWords, ...wordsOf(seeds), marked],
    testInputs: 600,
    async run(input) {
      const given = revived(input);
      const outcome = await outcomeOfPromise(["invalid_request"], parseUntrusted(schema, given, name));
      requireNoPollution();
      if ("error" in outcome) {
        const told = `${outcome.error.message} ${JSON.stringify(outcome.error.details ?? null)}`;
        requireThat(!(told.includes(marked) && isMarkedSecret(input)), () => `A secret in ${shortened(told)}`);
        return;
      }
      requirePlain(outcome.value);
      const again = await outcomeOfPromise(["invalid_request"], parseUntrusted(schema, outcome.value, name));
      requireThat("value" in again, () => "What was parsed is refused when it is parsed again");
      if ("value" in again) requireSame(again.value, outcome.value, "A value that was parsed twice");
    },
  };
}

/** Whether the marked text stands under a key that looks like a secret, and nowhere else. */
function isMarkedSecret(value: Json, underSecret = false): boolean {
  let inSecrets = 0;
  let elsewhere = 0;
  const look = (part: Json, isUnder: boolean): void => {
    if (typeof part === "string" && part.includes(marked)) {
      if (isUnder) inSecrets++;
      else elsewhere++;
    }
    if (typeof part !== "object" || part === null) return;
    for (const [key, item] of Object.entries(part) as [string, Json][]) {
      if (key.includes(marked)) elsewhere++;
      look(item, isUnder || (!Array.isArray(part) && isSecretLikeKey(key)));
    }
  };
  look(value, underSecret);
  return inSecrets > 0 && elsewhere === 0;
}

/** Every key and text of the values. */
function wordsOf(values: readonly Json[]): Json[] {
  const words = new Set<Json>();
  const look = (value: Json): void => {
    if (typeof value === "string") words.add(value);
    if (typeof value !== "object" || value === null) return;
    for (const [key, item] of Object.entries(value) as [string, Json][]) {
      if (!Array.isArray(value)) words.add(key);
      look(item);
    }
  };
  for (const value of values) look(value);
  return [...words];
}

const secretConfigs: readonly Json[] = [
  { id: "d", providerId: "p", config: { token: marked } },
  { id: "d", providerId: "p", config: { deep: [{ apiKey: { value: marked } }], ok: { token: { id: "reference" } } } },
];

export const schemas: readonly FuzzTarget[] = [
  schemaTarget("session-state", runnerSessionStateSchema, states),
  schemaTarget("destination", runnerDestinationSchema, [...destinations, ...secretConfigs]),
  schemaTarget("thread-binding", threadRunnerBindingSchema, [
    { destination: destinations[0] ?? null, workspace: "/srv", readRoots: ["/usr"] },
  ]),
  schemaTarget("requirements", runnerRequirementsSchema, [
    { network: { allow: ["example.org"] }, cpus: 0.5, pids: 10 },
  ]),
  schemaTarget("manifest", runnerManifestSchema, manifests),
  schemaTarget("mount", runnerMountSchema, mounts),
  schemaTarget("secret-ref", secretRefSchema, [{ id: "name" }, { id: "name", value: marked }]),
  schemaTarget("snapshot-ref", runnerSnapshotRefSchema, [{ providerId: "p", snapshotId: "s", metadata: { a: [1] } }]),
  schemaTarget("capabilities", runnerCapabilitiesSchema, [
    {},
    {
      commands: { output: "bytes", kill: "galaxy" },
      files: { access: "read" },
      mounts: { s3: "fuse" },
      future: { a: "b" },
    },
  ]),
];
