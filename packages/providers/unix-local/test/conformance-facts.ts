import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { ProviderFacts } from "@mooring/conformance";
import { afterAll } from "vitest";
import type { UnixLocalConfig } from "../src/index.js";
import { placeFacts } from "./place-facts.js";

/** A directory for one file of conformance tests, with the state of its sessions in it. */
export function conformanceDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "mooring-conformance-"));
  process.env["XDG_STATE_HOME"] = join(directory, "state");
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}

export function unixLocalFacts(config: UnixLocalConfig): ProviderFacts<UnixLocalConfig> {
  return {
    destination: { id: "here", providerId: "unix-local", config, defaultManifest: { entries: [], mounts: [] } },
    wrongConfig: { root: "relative" },
    ...placeFacts(config),
  };
}
