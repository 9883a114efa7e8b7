import { parseUntrusted, type RemoteRunnerProvider, runnerDestinationSchema } from "@mooring/api";
import { usageError } from "../cli-error.js";
import type { DestinationEntry, LoadedConfig } from "./config-file.js";
import { knownProviders } from "./known-providers.js";
import type { FoundDestination } from "./resolved-destination.js";

/** A destination that the configuration spells out, with the provider that it names. */
export async function destinationFromEntry(
  name: string,
  entry: DestinationEntry,
  config: LoadedConfig,
): Promise<FoundDestination> {
  const destination = await parseUntrusted(
    runnerDestinationSchema,
    {
      id: name,
      providerId: entry.provider,
      config: entry.config,
      defaultManifest: entry.manifest,
      requirements: entry.requirements,
    },
    `destination ${name} in ${config.file}`,
  );
  const known = knownProviders.find(({ id }) => id === destination.providerId);
  if (known !== undefined) return { provider: await known.load(), destination, known };
  const provider = config.providers.find(({ id }) => id === destination.providerId);
  if (provider !== undefined) return { provider, destination };
  throw usageError(
    `Destination ${name} in ${config.file} names the provider \`${destination.providerId}\`, which is not installed. Providers: ${idsOf(config.providers)}.`,
  );
}

function idsOf(more: readonly RemoteRunnerProvider[]): string {
  return [...knownProviders, ...more].map(({ id }) => id).join(", ");
}
