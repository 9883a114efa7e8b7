import { parseUntrusted } from "@mooring/api";
import type { BindingInput, DestinationInput } from "../bindings/prepare-binding.js";
import type { ProviderRegistry } from "../bindings/provider-registry.js";

/** Where new threads go that were not bound. */
export interface DefaultDestination {
  /** A destination, or a location such as `unix-local:/srv/app`. */
  readonly destination: DestinationInput | string;
  /** Absolute, on the runner. Without it, and without one that the configuration implies, no thread is bound by default. */
  readonly workspace?: string;
  /** @default [] */
  readonly readRoots?: readonly string[];
}

/** The binding of a new thread; `undefined` where no workspace is known for it. */
export async function defaultBinding(
  configured: DefaultDestination | undefined,
  providers: ProviderRegistry,
): Promise<BindingInput | undefined> {
  if (configured === undefined) return undefined;
  if (configured.workspace !== undefined) return configured;
  const { destination } = configured;
  const { providerId, config } = typeof destination === "string" ? providers.parseLocation(destination) : destination;
  const provider = providers.get(providerId);
  const parsed = await parseUntrusted(provider.configSchema, config ?? null, `config of ${provider.id}`, {
    operation: "bind",
    resource: "destination",
    provider: provider.id,
  });
  return provider.defaultWorkspace?.(parsed) === undefined ? undefined : configured;
}
