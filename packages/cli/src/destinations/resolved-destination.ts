import type { RemoteRunnerProvider, RunnerDestination } from "@mooring/api";
import type { KnownProvider } from "./known-providers.js";

/** A provider with a destination that it understands. */
export interface FoundDestination {
  readonly provider: RemoteRunnerProvider;
  readonly destination: RunnerDestination;
  /** Absent for a provider that came from a configuration module. */
  readonly known?: KnownProvider;
}

/** What a person's word for a place turned out to be. */
export interface ResolvedDestination extends FoundDestination {
  /** As the person gave it. */
  readonly location: string;
}
