import type { SecretRef } from "@mooring/api";

/** A private key, or the public one of a key that the agent has. */
export interface IdentityFile {
  readonly path: string;
  /** Whether somebody named it: then it must be there. */
  readonly isNamed: boolean;
}

/** One machine to log in to, with everything that was said of it put together. */
export interface SshHop {
  /** What to dial. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Its name in the known hosts, instead of host and port. */
  readonly hostKeyAlias: string | undefined;
  /** The first is where a new key is written to. */
  readonly knownHostsFiles: readonly string[];
  readonly pinnedKeys: readonly string[];
  readonly trustsOnFirstUse: boolean;
  readonly identities: readonly IdentityFile[];
  readonly certificates: readonly IdentityFile[];
  /** The agent's socket. */
  readonly agent: string | undefined;
  /** Whether the agent may offer only the keys that are named. */
  readonly identitiesOnly: boolean;
  readonly passphrase: SecretRef | undefined;
  readonly password: SecretRef | undefined;
}

/** The whole way: the machines to go through, and the one to work on at its end. */
export interface SshRoute {
  readonly hops: readonly SshHop[];
  readonly connectTimeoutMs: number;
  readonly keepaliveIntervalMs: number;
}
