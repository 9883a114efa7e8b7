import { resolve } from "node:path";
import type { RunnerDestination } from "@mooring/api";
import { expected } from "@mooring/provider-kit";
import type { UnixLocalConfig } from "./config.js";

const scheme = "unix-local:";

/** Reads `unix-local:<directory>`, relative to the current directory; `undefined` for any other scheme. */
export function parseUnixLocalLocation(location: string): RunnerDestination<UnixLocalConfig> | undefined {
  if (!location.startsWith(scheme)) return undefined;
  const directory = location.slice(scheme.length);
  if (directory === "" || directory.startsWith("//")) {
    throw expected("location", "unix-local:<directory>, such as unix-local:. or unix-local:/srv/app", location);
  }
  const root = resolve(directory);
  return {
    id: `${scheme}${root}`,
    providerId: "unix-local",
    config: { root },
    defaultManifest: { entries: [], mounts: [] },
  };
}
