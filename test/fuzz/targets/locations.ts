import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CliError } from "../../../packages/cli/src/cli-error.js";
import { resolveDestination } from "../../../packages/cli/src/destinations/resolve-destination.js";
import { printable } from "../../../packages/cli/src/output/printable.js";
import { RunnerError } from "@mooring/api";
import type { FuzzTarget, Json } from "../engine/fuzz-target.js";
import { requireNoPollution, requirePlain } from "../oracles/pollution.js";
import { requireRefusal, requireShowable } from "../oracles/refusal.js";
import { requireSame, requireThat, shortened } from "../oracles/violation.js";

let folder = "";
const marked = "hunter2-marked";

/** A `mooring.config.json` and a name or location that is looked up in it. */
export const locations: FuzzTarget = {
  name: "locations",
  form: "json",
  covers: ["packages/cli/src/destinations", "unix-local/src/location", "packages/api/src/schemas"],
  seeds: [
    { config: { destinations: { here: "unix-local:/srv" } }, location: "here" },
    {
      config: {
        $schema: "x",
        destinations: {
          full: { provider: "unix-local", config: { root: "/srv" }, manifest: { entries: [] }, requirements: {} },
        },
      },
      location: "full",
    },
    { config: { destinations: { s: { provider: "unix-local", config: { token: marked } } } }, location: "s" },
    { config: {}, location: "unix-local:." },
    { config: { providers: [{ specificationVersion: "runner-v1", id: "p" }] }, location: "ssh://dev@box/srv" },
    { config: "{ not JSON", location: "unix-local://host/x" },
  ],
  dictionary: [
    "here",
    "constructor",
    "__proto__",
    "unix-local:",
    "unix-local",
    "ssh://",
    "::",
    "destinations",
    "provider",
    "config",
  ],
  limitMs: 200,
  testInputs: 300,
  async open() {
    folder = await mkdtemp(join(tmpdir(), "mooring-fuzz-"));
    return {
      async [Symbol.asyncDispose]() {
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
  async run(input) {
    const { config = {}, location } = (typeof input === "object" && input !== null ? input : {}) as {
      readonly config?: Json;
      readonly location?: Json;
    };
    if (typeof location !== "string") return;
    const file = join(folder, "mooring.config.json");
    await writeFile(file, typeof config === "string" ? config : JSON.stringify(config));
    try {
      const found = await resolveDestination(location, { config: file });
      requirePlain(found.destination);
      requireSame(found.location, location, "The location that was given");
      requireThat(found.provider.specificationVersion === "runner-v1", () => "A provider that is none");
    } catch (error) {
      requireTold(error);
    }
    requireNoPollution();
  },
};

/** A message of the command line goes through its own cleaning before it is shown. */
function requireTold(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  requireThat(!message.includes(`"${marked}`), () => `A secret in ${shortened(message)}`);
  if (RunnerError.is(error)) return void requireRefusal(error, ["invalid_request", "unsupported"]);
  requireThat(
    error instanceof CliError,
    () => `Expected a failure that was foreseen, got ${shortened(String((error as Error).stack))}`,
  );
  requireShowable(printable(message));
}
