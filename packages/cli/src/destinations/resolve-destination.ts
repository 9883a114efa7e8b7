import { usageError } from "../cli-error.js";
import { printableLine } from "../output/printable.js";
import { type LoadedConfig, loadConfig } from "./config-file.js";
import { destinationFromEntry } from "./config-destination.js";
import { type KnownProvider, knownProviders } from "./known-providers.js";
import type { FoundDestination, ResolvedDestination } from "./resolved-destination.js";

/**
 * Finds what a location or a configured name stands for. A name in the configuration wins; then the scheme of a
 * location chooses the provider that parses it.
 */
export async function resolveDestination(
  text: string,
  options: { readonly config?: string } = {},
): Promise<ResolvedDestination> {
  const config = await loadConfig(options.config);
  const entry = config?.destinations[text];
  if (config !== undefined && entry !== undefined) {
    const found =
      typeof entry === "string" ? await fromLocation(entry, config) : await destinationFromEntry(text, entry, config);
    return { ...found, location: text };
  }
  return { ...(await fromLocation(text, config)), location: text };
}

async function fromLocation(location: string, config: LoadedConfig | undefined): Promise<FoundDestination> {
  const scheme = /^([a-z][a-z0-9+-]*):/.exec(location)?.[1];
  const known = knownProviders.find((provider) => provider.schemes.includes(scheme ?? ""));
  if (known !== undefined) return await parsedBy(known, location);
  for (const provider of config?.providers ?? []) {
    const destination = provider.parseLocation?.(location);
    if (destination !== undefined) return { provider, destination };
  }
  throw usageError(unknownMessage(location, scheme, config));
}

async function parsedBy(known: KnownProvider, location: string): Promise<FoundDestination> {
  const provider = await known.load();
  const destination = provider.parseLocation?.(location);
  if (destination === undefined) {
    throw usageError(`Expected a location such as ${known.location}, got \`${printableLine(location)}\``);
  }
  return { provider, destination, known };
}

function unknownMessage(location: string, scheme: string | undefined, config: LoadedConfig | undefined): string {
  const schemes = knownProviders.map((provider) => provider.location).join(", ");
  const names = Object.keys(config?.destinations ?? {});
  const configured =
    config === undefined
      ? "there is no mooring.config.json (or .mjs, .ts) in this directory"
      : `${config.file} has ${names.length === 0 ? "no names" : `the names ${names.join(", ")}`}`;
  const problem =
    scheme === undefined
      ? `Unknown destination \`${location}\``
      : `Unknown destination \`${location}\`: no provider has locations that begin with \`${scheme}:\``;
  return printableLine(`${problem}. Locations: ${schemes}; ${configured}.`);
}
