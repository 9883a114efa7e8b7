import type { RunnerDestination } from "@mooring/api";
import type { SshConfig } from "@mooring/ssh";
import type { Sshd } from "../support/sshd/sshd.js";
import type { Login } from "../support/sshd/testbed.js";

/** Where to log in, and as whom; nothing of this machine's own configuration counts. */
export function destinationFor(
  sshd: Sshd,
  login: Login,
  overrides: Partial<SshConfig> = {},
): RunnerDestination<SshConfig> {
  return {
    id: `ssh-${login.account.name}`,
    providerId: "ssh",
    config: {
      host: sshd.host,
      port: sshd.port,
      user: login.account.name,
      root: login.root,
      identityFile: login.key.file,
      identityAgent: "none",
      hostKey: sshd.hostKeys.map(({ fingerprint }) => fingerprint),
      configFile: false,
      ...overrides,
    },
    defaultManifest: { entries: [], mounts: [] },
  };
}
