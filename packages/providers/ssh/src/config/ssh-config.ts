import type { SecretRef } from "@mooring/api";

/** A machine on the way to another one. What it leaves out comes from the OpenSSH configuration, as for any other host. */
export interface SshJump {
  /** A name, an address, or an alias of the OpenSSH configuration. */
  readonly host: string;
  /** @default 22 */
  readonly port?: number;
  /** @default the name of the user who runs this program */
  readonly user?: string;
  /** Private keys; `~/` is this user's home. A public key stands for the private one in the agent. @default as `ssh` does */
  readonly identityFile?: string | readonly string[];
  /** The agent's socket, or `none`. @default `SSH_AUTH_SOCK` */
  readonly identityAgent?: string;
  /** OpenSSH certificates of these keys. @default the `-cert.pub` beside each key */
  readonly certificateFile?: string | readonly string[];
  /** @default `~/.ssh/known_hosts` and `~/.ssh/known_hosts2`; those of the machine are read besides */
  readonly knownHostsFile?: string | readonly string[];
  /**
   * The only keys that the host may have, instead of what the known hosts say: fingerprints as `ssh-keygen -l` prints them
   * (`SHA256:...`), or public keys (`ssh-ed25519 AAAA...`).
   */
  readonly hostKey?: string | readonly string[];
  /**
   * `known`: a host whose key is not known is refused. `trust-on-first-use`: its key is accepted once and written to the first
   * of the known hosts files; a changed key is refused all the same. @default "known"
   */
  readonly hostKeyPolicy?: "known" | "trust-on-first-use";
  /** What opens encrypted keys. */
  readonly passphrase?: SecretRef;
  /** For servers that take passwords. */
  readonly password?: SecretRef;
}

/** What a destination over SSH is configured with. */
export interface SshConfig extends SshJump {
  /**
   * The directory that sessions work in; absolute, or in the user's home over there (`~`, `~/app`), and there already. A
   * session's workspace is this, or lies in it.
   */
  readonly root: string;
  /** Machines to go through, the nearest first: names as for `ssh -J`, or objects. `none`: straight. @default as configured */
  readonly proxyJump?: string | readonly (string | SshJump)[];
  /** The OpenSSH configuration to read, or `false` for none. @default `~/.ssh/config`, and then the machine's */
  readonly configFile?: string | false;
  /** In milliseconds: how often an idle connection is asked for a sign of life. Three that are missed are a loss. @default 5,000 */
  readonly keepaliveIntervalMs?: number;
  /** In milliseconds: how long connecting and logging in may take, trying again included. @default 20,000 */
  readonly connectTimeoutMs?: number;
  /** Directories over there that files may also be read from; absolute. @default [] */
  readonly readRoots?: readonly string[];
  /** Directories over there that files may also be written in; absolute. @default [] */
  readonly writeRoots?: readonly string[];
  /**
   * `workspace-write`: commands may write in the workspace and the write roots only, and where the kernel cannot see to that
   * nothing is opened (`unsupported`). `none`: they may do what the user may. Absent: the first where the kernel can, else
   * the second; the session's capabilities tell which.
   */
  readonly confinement?: "workspace-write" | "none";
  /** Added to the login's own environment, for every command. Values under names that look like secrets must be references. @default {} */
  readonly env?: Readonly<Record<string, string | SecretRef>>;
  /**
   * In milliseconds, from 100 to 86,400,000. For so long a program of ours that is frozen, and says nothing, keeps its commands;
   * one that ends loses them at once. @default 30,000
   */
  readonly leaseMs?: number;
}
