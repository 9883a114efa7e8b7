import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { ProviderFacts } from "@mooring/conformance";
import { afterAll } from "vitest";
import type { MyPlaceConfig } from "../src/index.js";
import { killHelper } from "./kill-helper.js";

/**
 * The place that the tests run against: a directory of this machine, reached by the command `env`. Put your own command
 * there, such as `["docker", "exec", "-i", "box"]`, with a `root` that is over there, and the checks run in your place.
 */
export function testPlace(): ProviderFacts<MyPlaceConfig> {
  const directory = mkdtempSync(join(tmpdir(), "my-place-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const root = join(directory, "workspace");
  mkdirSync(root);
  const config = { command: ["env", `XDG_STATE_HOME=${join(directory, "state")}`], root };
  const leaseMs = 3_000;
  const owner = new URL("owner.ts", import.meta.url);
  owner.searchParams.set("config", JSON.stringify({ ...config, leaseMs }));
  return {
    destination: {
      id: "test-place",
      providerId: "my-place",
      config,
      defaultManifest: { entries: [], mounts: [] },
    },
    wrongConfig: { command: [], root },
    // The rest is how the checks do harm to the place. Without a fact, those that need it are skipped and say so.
    sever: killHelper,
    async kill(pid) {
      process.kill(pid, "SIGKILL");
    },
    owner,
    ownerArguments: ["--import", "tsx"],
    leaseMs,
  };
}
