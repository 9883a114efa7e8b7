import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RemoteRunnerSession, RunnerDestination, RunnerSessionOptions } from "@mooring/api";
import { afterEach, beforeEach, vi } from "vitest";
import { unixLocal, type UnixLocalConfig } from "../src/index.js";

/** A directory of a test's own, with the state of its sessions apart from the user's. */
export interface Workspace {
  readonly root: string;
  readonly stateHome: string;
  /** Outside of the root. */
  readonly outside: string;
  readonly destination: (config?: Partial<UnixLocalConfig>) => RunnerDestination<UnixLocalConfig>;
  readonly open: (options?: RunnerSessionOptions, config?: Partial<UnixLocalConfig>) => Promise<RemoteRunnerSession>;
}

/** A new one for each test; sessions that a test left open are destroyed. */
export function useWorkspace(): () => Workspace {
  let current: (Workspace & { readonly directory: string; readonly sessions: RemoteRunnerSession[] }) | undefined;

  beforeEach(async () => {
    const directory = await realpath(await mkdtemp(join(tmpdir(), "mooring-unix-local-")));
    const root = join(directory, "root");
    const outside = join(directory, "outside");
    const stateHome = join(directory, "state");
    for (const made of [root, outside, stateHome]) await mkdir(made);
    vi.stubEnv("XDG_STATE_HOME", stateHome);
    const sessions: RemoteRunnerSession[] = [];
    const destination = (config: Partial<UnixLocalConfig> = {}): RunnerDestination<UnixLocalConfig> => ({
      id: "here",
      providerId: "unix-local",
      config: { root, ...config },
      defaultManifest: { entries: [], mounts: [] },
    });
    current = {
      directory,
      root,
      outside,
      stateHome,
      sessions,
      destination,
      open: async (options, config) => {
        const session = await unixLocal().createSession(destination(config), options);
        sessions.push(session);
        return session;
      },
    };
  });

  afterEach(async () => {
    const { sessions = [], directory } = current ?? {};
    for (const session of sessions) await session[Symbol.asyncDispose]();
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  });

  return () => {
    if (current === undefined) throw new Error("The workspace is there within a test only");
    return current;
  };
}
