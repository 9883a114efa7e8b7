import type { RunnerCapabilities } from "@mooring/api";

/** Capabilities as rows of facet, field and mode. */
export function capabilityRows(capabilities: RunnerCapabilities): string[][] {
  return Object.entries(capabilities).flatMap(([facet, fields]) =>
    Object.entries(fields as Record<string, string>).map(([field, mode]) => [`  ${facet}.${field}`, mode]),
  );
}
