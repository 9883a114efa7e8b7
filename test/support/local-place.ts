import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { RunnerDestination } from "@mooring/api";
import { unixLocal, type UnixLocalConfig } from "@mooring/unix-local";
import { placeFacts } from "../../packages/providers/unix-local/test/place-facts.js";

interface LocalPlace extends AsyncDisposable {
  readonly provider: ReturnType<typeof unixLocal>;
  readonly destination: RunnerDestination<UnixLocalConfig>;
  /** What the suites need to kill and freeze here. */
  readonly facts: ReturnType<typeof placeFacts>;
}

/** A real provider over a temporary directory, with what it records beside it; both are removed at the end. */
export async function localPlace(
  configure: (directory: string) => Partial<UnixLocalConfig> = () => ({}),
): Promise<LocalPlace> {
  const directory = await mkdtemp(join(tmpdir(), "mooring-conformance-"));
  const root = join(directory, "workspace");
  await mkdir(root);
  const config = { root, ...configure(directory) };
  const stateHome = process.env["XDG_STATE_HOME"];
  process.env["XDG_STATE_HOME"] = join(directory, "state");
  return {
    provider: unixLocal(),
    destination: {
      id: "here",
      providerId: "unix-local",
      config,
      defaultManifest: { entries: [], mounts: [] },
    },
    facts: placeFacts(config),
    async [Symbol.asyncDispose]() {
      if (stateHome === undefined) delete process.env["XDG_STATE_HOME"];
      else process.env["XDG_STATE_HOME"] = stateHome;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
