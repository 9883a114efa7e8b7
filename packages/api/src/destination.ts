import type { RunnerManifest } from "./manifest.js";

/**
 * What a destination must offer. A key that is unknown, or that the provider cannot enforce, makes
 * `validateDestination` and `createSession` reject with `unsupported`: a requirement is never ignored.
 */
export interface RunnerRequirements {
  /** Which network the session's commands may reach. */
  readonly network?: "none" | "full" | { readonly allow: readonly string[] };
  readonly memoryBytes?: number;
  /** Cores; fractions are allowed. */
  readonly cpus?: number;
  /** Processes and threads at once. */
  readonly pids?: number;
  readonly diskBytes?: number;
  /** How long the session may be idle before the provider may end it. */
  readonly idleTimeoutMs?: number;
  /** How long the session may exist at all. */
  readonly maxLifetimeMs?: number;
}

/** A configured target of one provider. Plain JSON, kept by whoever binds threads; it holds no secret. */
export interface RunnerDestination<Config = unknown> {
  /** Chosen by whoever configures it; never empty. */
  readonly id: string;
  /** The `id` of the provider that understands `config`. */
  readonly providerId: string;
  /** Parsed by the provider's `configSchema`. Keys that look like secrets are refused at any depth. */
  readonly config: Config;
  readonly defaultManifest: RunnerManifest;
  readonly requirements?: RunnerRequirements;
}
