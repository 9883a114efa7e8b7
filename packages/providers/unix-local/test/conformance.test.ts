import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { ProviderFacts } from "@mooring/conformance";
import { describeProvider } from "@mooring/conformance/vitest";
import { afterAll } from "vitest";
import { unixLocal, type UnixLocalConfig } from "../src/index.js";
import { programsWithoutPerl } from "./without-perl.js";

const directory = mkdtempSync(join(tmpdir(), "mooring-conformance-"));
process.env["XDG_STATE_HOME"] = join(directory, "state");

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

function facts(config: Omit<UnixLocalConfig, "root">): ProviderFacts<UnixLocalConfig> {
  return {
    destination: {
      id: "here",
      providerId: "unix-local",
      config: { root: directory, ...config },
      defaultManifest: { entries: [], mounts: [] },
    },
    wrongConfig: { root: "relative" },
  };
}

describeProvider("unix-local", unixLocal(), facts({}));

describeProvider(
  "unix-local without Perl",
  unixLocal(),
  facts({ env: { PATH: programsWithoutPerl(join(directory, "bin")) } }),
);
