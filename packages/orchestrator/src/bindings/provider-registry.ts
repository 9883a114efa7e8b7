import { describeValue, RunnerError, type RemoteRunnerProvider, type RunnerDestination } from "@mooring/api";

/** The providers that the orchestrator was handed. */
export class ProviderRegistry {
  readonly #providers = new Map<string, RemoteRunnerProvider>();

  constructor(providers: readonly RemoteRunnerProvider[]) {
    for (const provider of providers) {
      if (provider.specificationVersion !== "runner-v1") {
        throw wrong(
          `Expected the \`specificationVersion\` of provider "${provider.id}" to be "runner-v1", got ${describeValue(provider.specificationVersion)}`,
        );
      }
      if (this.#providers.has(provider.id)) {
        throw wrong(`Expected \`providers\` with one id each, got "${provider.id}" twice`);
      }
      this.#providers.set(provider.id, provider);
    }
  }

  get(providerId: string): RemoteRunnerProvider {
    const provider = this.#providers.get(providerId);
    if (provider !== undefined) return provider;
    throw wrong(`Provider "${providerId}" is not installed; ${this.#installed()}`);
  }

  /** Reads what a person typed, such as `unix-local:.`, by asking each provider. */
  parseLocation(location: string): RunnerDestination {
    for (const provider of this.#providers.values()) {
      const destination = provider.parseLocation?.(location);
      if (destination !== undefined) return destination;
    }
    throw wrong(
      `Expected \`destination\` to be a location that an installed provider knows, got ${describeValue(location)}; ${this.#installed()}`,
    );
  }

  #installed(): string {
    const ids = [...this.#providers.keys()];
    return ids.length === 0 ? "none is installed" : `installed: ${ids.join(", ")}`;
  }
}

function wrong(message: string): RunnerError {
  return new RunnerError("invalid_request", message, {
    resource: "destination",
    operation: "bind",
    retryable: false,
    phase: "before_start",
  });
}
