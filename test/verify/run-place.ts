import { type ConformanceReport, type ProviderFacts, summarize, verifyProvider } from "@mooring/conformance";
import { closeInheritedDescriptors } from "../../packages/providers/unix-local/test/inherited-descriptors.js";
import { places } from "./places.js";

/** Runs the kit on one of our places; a line for each check and each piece of evidence of one that failed. */
export async function runPlace(
  name: string,
  selection: Pick<ProviderFacts, "groups" | "only">,
  print: (line: string) => void,
): Promise<ConformanceReport> {
  const open = places[name];
  if (open === undefined) throw new Error(`Expected one of ${Object.keys(places).join(", ")}, got \`${name}\``);
  closeInheritedDescriptors();
  await using place = await open();
  const { provider, facts } = place;
  const verification = verifyProvider(provider, { ...facts, ...selection });
  const results = [];
  for await (const result of verification) {
    const { status, promise, id, title, durationMs, reason, evidence } = result;
    results.push(result);
    print(`${status.padEnd(8)}${promise.padEnd(4)}${id}  ${title}  ${durationMs} ms`);
    if (reason !== undefined) print(`        ${reason}`);
    if (status === "failed") for (const { asked, came } of evidence) print(`        ${asked}: ${came}`);
  }
  return summarize(results, {
    providerId: provider.id,
    destinationId: facts.destination.id,
    capabilities: verification.capabilities,
  });
}
