import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, vi } from "vitest";
import type { RemoteRunnerProvider, RunnerSessionOptions } from "@mooring/api";
import { ssh, type SshConfig, type SshOptions } from "@mooring/ssh";
import type { SshdOptions } from "../../support/sshd/sshd.js";
import { type Login, Testbed } from "../../support/sshd/testbed.js";
import { destinationFor } from "../destinations.js";

/** A server for one file of tests, and a home without any OpenSSH configuration for each of them. */
export interface TestbedUse {
  readonly bed: Testbed;
  /** This user's home while the test runs. */
  readonly home: string;
  /** What one command says over a connection of its own. */
  whoami(login: Login, config?: Partial<SshConfig>, options?: Options): Promise<string>;
}

/** Making and removing accounts waits for others who do. */
const hookMs = 120_000;

interface Options extends SshOptions {
  readonly session?: RunnerSessionOptions;
}

export function useTestbed(options?: SshdOptions): TestbedUse {
  let bed: Testbed | undefined;
  let home = "";
  beforeAll(async () => {
    bed = await Testbed.start(options);
  }, hookMs);
  afterAll(() => bed?.[Symbol.asyncDispose](), hookMs);
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "mooring-home-"));
    vi.stubEnv("HOME", home);
    vi.stubEnv("SSH_AUTH_SOCK", undefined);
  });
  afterEach(() => rm(home, { recursive: true, force: true }));
  const current = (): Testbed => {
    if (bed === undefined) throw new Error("The server is there within a test only");
    return bed;
  };
  return {
    get bed() {
      return current();
    },
    get home() {
      return home;
    },
    async whoami(login, config, { session: sessionOptions, ...sshOptions } = {}) {
      const provider: RemoteRunnerProvider<SshConfig> = ssh({ idleConnectionMs: 1, ...sshOptions });
      const session = await provider.createSession(destinationFor(current().sshd, login, config), sessionOptions);
      try {
        const { stdout } = await session.commands.run({ program: "id", args: ["-un"] });
        return stdout.text().trim();
      } finally {
        await session.destroy();
      }
    },
  };
}
