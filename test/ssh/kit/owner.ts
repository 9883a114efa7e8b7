// Loaded by processes that own sessions and are then killed or frozen. Its address says the configuration.
import type { RunnerDestination } from "@mooring/api";
import { ssh, type SshConfig } from "@mooring/ssh";

export const provider = ssh();

export const destination: RunnerDestination<SshConfig> = {
  id: "over-there",
  providerId: provider.id,
  config: JSON.parse(new URL(import.meta.url).searchParams.get("config") ?? "{}") as SshConfig,
  defaultManifest: { entries: [], mounts: [] },
};
