import type { RunnerCapabilities } from "@mooring/api";
import { residentHelperCapabilities } from "../helper/helper-capabilities.js";
import type { ShellTools } from "./shell-place.js";

/** What a session over a shell can do at this place. */
export function shellCapabilities(
  tools: ShellTools,
  found: { readonly exitSignal: boolean; readonly reachesPorts: boolean },
): RunnerCapabilities {
  return {
    ...residentHelperCapabilities,
    commands: {
      output: "bytes",
      stderr: "separate",
      exitSignal: found.exitSignal ? "exact" : "none",
      stdin: "pipe",
      pty: "none",
      user: "none",
      durable: "none",
      kill: "group",
      attach: "live",
      confinement: "none",
    },
    files: {
      access: "read-write",
      confinement: "advisory",
      watch: "none",
      archive: tools.programs.has("tar") ? "tar" : "none",
    },
    ports: found.reachesPorts ? { expose: "url", connect: "stream" } : { expose: "none", connect: "none" },
    lifecycle: { pause: "none", detach: "running", extend: "none" },
  };
}
