import type { TransportLimits } from "../transport/guarded-transport.js";
import type { ProviderDefinition } from "./provider-definition.js";

export interface PolicyLimits extends TransportLimits {
  readonly leaseMs: number;
}

/** The times that a configuration's policy sets, in milliseconds, and those that it leaves to us. */
export function limitsOf<Config>(definition: ProviderDefinition<Config>, config: Config): PolicyLimits {
  const { leaseMs = 30_000, openTimeoutMs = 20_000, placeTimeoutMs = 120_000 } = definition.policy?.(config) ?? {};
  return { leaseMs, openTimeoutMs, placeTimeoutMs };
}
