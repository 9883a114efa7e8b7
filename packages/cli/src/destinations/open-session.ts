import type { RemoteRunnerSession, RunnerSessionOptions } from "@mooring/api";
import { usageError } from "../cli-error.js";
import type { Confinement } from "./known-providers.js";
import type { ResolvedDestination } from "./resolved-destination.js";

/**
 * Opens a session for a person's own command. Unless `--confine` asks for more, commands are not kept from what the
 * person could do anyway; what the configuration says of confinement stands.
 */
export async function openSession(
  resolved: ResolvedDestination,
  options: RunnerSessionOptions & { readonly confine?: boolean } = {},
): Promise<RemoteRunnerSession> {
  const { confine = false, ...sessionOptions } = options;
  const destination = withConfinement(resolved, confine);
  return await resolved.provider.createSession(destination, {
    onDispose: "destroy",
    ...sessionOptions,
  });
}

function withConfinement(resolved: ResolvedDestination, confine: boolean) {
  const { destination, known } = resolved;
  if (known?.confined === undefined) {
    if (!confine) return destination;
    throw usageError(`--confine: expected a provider that can confine commands, got ${resolved.provider.id}`);
  }
  const config = destination.config as { readonly confinement?: Confinement } | null;
  if (!confine && config?.confinement !== undefined) return destination;
  return known.confined(destination, confine ? "workspace-write" : "none");
}
