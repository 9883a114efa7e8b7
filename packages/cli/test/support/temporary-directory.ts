import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";

/** A directory for each test, and a place for what our own programs remember, both removed. */
export function temporaryDirectory(): { readonly path: string; readonly env: NodeJS.ProcessEnv } {
  const state = { path: "", env: {} as NodeJS.ProcessEnv };
  let top = "";
  beforeEach(async () => {
    top = await realpath(await mkdtemp(join(tmpdir(), "mooring-cli-")));
    state.path = await mkdtemp(join(top, "work-"));
    state.env = { XDG_STATE_HOME: join(top, "state") };
  });
  afterEach(async () => {
    await rm(top, { recursive: true, force: true });
  });
  return state;
}
