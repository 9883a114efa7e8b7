import type { RemoteRunnerProvider, RunnerCapabilities } from "@mooring/api";
import { capabilityRows } from "../output/capability-rows.js";
import { coloursFor } from "../output/colours.js";
import { printable } from "../output/printable.js";
import { table } from "../output/table.js";
import { printJson, printLine } from "../output/write.js";
import { loadConfig } from "./config-file.js";
import { knownProviders } from "./known-providers.js";

interface ProviderDescription {
  readonly id: string;
  readonly location: string | null;
  /** What to do before it can be used; `null` when it is ready. */
  readonly setupHint: string | null;
  readonly defaultWorkspace: string | null;
  readonly capabilities: RunnerCapabilities;
}

/** Prints the providers that destinations can name. */
export async function listProviders(options: {
  readonly json?: boolean;
  readonly config?: string;
  readonly capabilities?: boolean;
}): Promise<void> {
  const config = await loadConfig(options.config);
  const described: ProviderDescription[] = [];
  for (const known of knownProviders) {
    described.push(await describe(await known.load(), known.location));
  }
  for (const provider of config?.providers ?? []) described.push(await describe(provider, null));
  if (options.json === true) {
    await printJson(described);
    return;
  }
  const colours = coloursFor(process.stdout);
  for (const provider of described) {
    await printLine(`${colours.bold(provider.id)}  ${provider.location ?? ""}`.trimEnd());
    await printLine(`  ${provider.setupHint === null ? "ready" : printable(provider.setupHint)}`);
    if (options.capabilities === true) await printLine(table(capabilityRows(provider.capabilities)));
  }
}

async function describe(provider: RemoteRunnerProvider, location: string | null): Promise<ProviderDescription> {
  return {
    id: provider.id,
    location,
    setupHint: (await provider.setupHint?.()) ?? null,
    defaultWorkspace: defaultWorkspace(provider),
    capabilities: provider.capabilities,
  };
}

/** Without a configuration most providers cannot tell. */
function defaultWorkspace(provider: RemoteRunnerProvider): string | null {
  try {
    return provider.defaultWorkspace?.({}) ?? null;
  } catch {
    return null;
  }
}
