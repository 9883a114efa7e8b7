import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { memoryProvider } from "@mooring/conformance/doubles";
import type { RemoteRunnerProvider, RunnerSessionState } from "@mooring/api";
import { unixLocal } from "@mooring/unix-local";
import type { FuzzTarget, Json } from "../engine/fuzz-target.js";
import { requireNoPollution } from "../oracles/pollution.js";
import { requireRefusal } from "../oracles/refusal.js";
import { requireSame, requireThat, Violation } from "../oracles/violation.js";
import { exoticWords, revived } from "../support/exotic.js";

const codes = ["invalid_request", "not_found", "path_escape", "permission_denied", "unsupported"] as const;

function stateOf(providerId: string, workspace: string): Json {
  return {
    version: 1,
    providerId,
    sessionId: "gone",
    destinationId: "here",
    workspace,
    metadata: null,
    providerState: {},
  };
}

/** Stored state that is garbage, or another's: a refusal of its own kind, and nothing is made. */
async function requireRefused<Config>(
  provider: RemoteRunnerProvider<Config>,
  config: Config,
  input: Json,
): Promise<string> {
  const destination = { id: "here", providerId: provider.id, config, defaultManifest: { entries: [], mounts: [] } };
  try {
    const state = revived(input) as RunnerSessionState;
    const { session } = await provider.resumeSession(destination, state);
    await session.destroy();
  } catch (error) {
    requireNoPollution();
    return requireRefusal(error, codes).code;
  }
  throw new Violation("A session that never was has been resumed");
}

const memory = memoryProvider();

export const resumeMemory: FuzzTarget = {
  name: "resume-memory",
  form: "json",
  covers: ["packages/conformance/src/doubles/memory-provider", "packages/api/src/schemas"],
  seeds: [stateOf("memory", "/workspace"), stateOf("memory", "/elsewhere")],
  dictionary: [...exoticWords, "sessionId", "providerState", "workspace", "memory", "here"],
  testInputs: 500,
  async run(input) {
    const code = await requireRefused(memory, {}, input);
    const listed = memory.listSessions?.({
      id: "here",
      providerId: "memory",
      config: {},
      defaultManifest: { entries: [], mounts: [] },
    });
    for await (const { sessionId } of listed ?? []) throw new Violation(`The session ${sessionId} was made`);
    return [code];
  },
};

let folder = "";
let stateHome: string | undefined;

/** All that lies in the directory. What only says that a provider was asked once is made by the first that asks. */
async function contentsOf(directory: string): Promise<string[]> {
  return (await readdir(directory, { recursive: true })).toSorted();
}

export const resumeUnixLocal: FuzzTarget = {
  name: "resume-unix-local",
  form: "json",
  covers: ["packages/provider-kit/src/provider", "packages/providers/unix-local/src"],
  seeds: [stateOf("unix-local", "@workspace"), stateOf("unix-local", "/")],
  dictionary: [...exoticWords, "sessionId", "providerState", "workspace", "unix-local", "here", "/", ".."],
  limitMs: 500,
  testInputs: 80,
  async open() {
    folder = await mkdtemp(join(tmpdir(), "mooring-fuzz-"));
    await mkdir(join(folder, "workspace"));
    stateHome = process.env["XDG_STATE_HOME"];
    process.env["XDG_STATE_HOME"] = join(folder, "state");
    // The directory of all sessions is made by whoever looks first.
    await requireRefused(
      unixLocal(),
      { root: join(folder, "workspace") },
      withWorkspace(stateOf("unix-local", "@workspace")),
    );
    return {
      async [Symbol.asyncDispose]() {
        if (stateHome === undefined) delete process.env["XDG_STATE_HOME"];
        else process.env["XDG_STATE_HOME"] = stateHome;
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
  async run(input) {
    const before = await contentsOf(folder);
    const code = await requireRefused(unixLocal(), { root: join(folder, "workspace") }, withWorkspace(input));
    requireSame(await contentsOf(folder), before, "What lies in the place");
    const children = await readFile(`/proc/${process.pid}/task/${process.pid}/children`, "utf8");
    requireThat(children.trim().split(" ").length < 60, () => `Processes pile up: ${children}`);
    return [code];
  },
};

/** The seeds know no path of this run. */
function withWorkspace(input: Json): Json {
  return JSON.parse(JSON.stringify(input).replaceAll("@workspace", join(folder, "workspace"))) as Json;
}
