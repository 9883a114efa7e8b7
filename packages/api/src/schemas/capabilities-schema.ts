import * as z from "zod";
import { type RunnerCapabilities, runnerCapabilityModes } from "../capabilities.js";

/** One field: a mode that is not known, and one that is not there, counts as the weakest. */
function modeSchema(modes: readonly string[]) {
  const weakest = modes.at(-1) ?? "none";
  return z
    .string()
    .transform((mode) => (modes.includes(mode) ? mode : weakest))
    .default(weakest);
}

function facetSchema(fields: Readonly<Record<string, readonly string[]>>) {
  const entries = Object.entries(fields).map(([name, modes]) => [name, modeSchema(modes)] as const);
  return z.object(Object.fromEntries(entries)).prefault({});
}

/** Capabilities as JSON, from a newer or older speaker too. */
export const runnerCapabilitiesSchema = z.object(
  Object.fromEntries(Object.entries(runnerCapabilityModes).map(([facet, fields]) => [facet, facetSchema(fields)])),
) as unknown as z.ZodType<RunnerCapabilities>;
