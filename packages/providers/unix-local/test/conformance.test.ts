import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describeProvider } from "@mooring/conformance/vitest";
import { afterAll } from "vitest";
import { unixLocal } from "../src/index.js";

const directory = mkdtempSync(join(tmpdir(), "mooring-conformance-"));
process.env["XDG_STATE_HOME"] = join(directory, "state");

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

describeProvider("unix-local", unixLocal(), {
  destination: {
    id: "here",
    providerId: "unix-local",
    config: { root: directory },
    defaultManifest: { entries: [], mounts: [] },
  },
  wrongConfig: { root: "relative" },
});
