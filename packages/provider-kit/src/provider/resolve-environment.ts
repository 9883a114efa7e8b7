import type { RunnerHost, SecretRef } from "@mooring/api";
import { resolveSecret, variable } from "../commands/command-environment.js";

/** Variables by name, the later ones counting, every secret resolved and every name and value checked. */
export async function resolveEnvironment(
  layers: readonly Readonly<Record<string, string | SecretRef>>[],
  host: RunnerHost | undefined,
): Promise<Map<string, string>> {
  const merged = new Map<string, string | SecretRef>();
  for (const layer of layers) {
    for (const [name, value] of Object.entries(layer)) merged.set(name, value);
  }
  const resolved = new Map<string, string>();
  for (const [name, value] of merged) {
    const text = typeof value === "string" ? value : await resolveSecret(value, `env.${name}`, host);
    variable(name, text);
    resolved.set(name, text);
  }
  return resolved;
}
