import { type RemoteRunnerProvider, type RunnerHost, RunnerError, type SecretRef } from "@mooring/api";
import { defineProvider, type ProviderContext, residentHelperCapabilities } from "@mooring/provider-kit";
import { hostText } from "./config/host-text.js";
import { sshConfigSchema } from "./config/config-schema.js";
import { parseSshLocation } from "./config/location.js";
import type { SshConfig } from "./config/ssh-config.js";
import { ConnectionPool, type PoolTarget } from "./connection/connection-pool.js";
import type { AskPerson } from "./login/keyboard-interactive.js";
import { resolveRoute } from "./openssh/resolve-route.js";
import { sshTransport } from "./ssh-transport.js";
import { requireWithin } from "./workspace.js";

/** What the program around the provider gives it. */
export interface SshOptions {
  /** Asks a person what a server wants to know, such as a one-time code. @default nobody is asked */
  readonly onKeyboardInteractive?: AskPerson;
  /** The values of secrets, where a session's own host does not say them. @default none */
  resolveSecret?(reference: SecretRef): Promise<string>;
  /** In milliseconds: how long a connection that nothing uses is kept for the next session. @default 10,000 */
  readonly idleConnectionMs?: number;
}

/** Any machine that its owner can log in to over SSH. Nothing is installed there. */
export function ssh(options: SshOptions = {}): RemoteRunnerProvider<SshConfig> {
  const pool = new ConnectionPool(options.idleConnectionMs ?? 10_000);
  const owners = new OwnerNames();

  async function targetOf({ config, host }: ProviderContext<SshConfig>): Promise<PoolTarget> {
    const route = await resolveRoute(config);
    const hasSecrets = route.hops.some(({ password, passphrase }) => (password ?? passphrase) !== undefined);
    return {
      route,
      owner: hasSecrets ? owners.nameOf(host) : "",
      askPerson: options.onKeyboardInteractive,
      resolveSecret: async (reference) => {
        if (host?.resolveSecret !== undefined) return host.resolveSecret(reference);
        if (options.resolveSecret !== undefined) return options.resolveSecret(reference);
        throw noResolver(reference);
      },
    };
  }

  return defineProvider<SshConfig>({
    id: "ssh",
    configSchema: sshConfigSchema,
    capabilities: residentHelperCapabilities,
    describe: ({ config }, workspace) => `The directory ${workspace} on ${hostText(config)}, reached over SSH.`,
    capabilitiesFor: ({ config }) =>
      config.confinement === "none"
        ? { ...residentHelperCapabilities, commands: { ...residentHelperCapabilities.commands, confinement: "none" } }
        : residentHelperCapabilities,
    parseLocation: parseSshLocation,
    defaultWorkspace: ({ root }) => root,
    policy: ({ root, readRoots, writeRoots, confinement, leaseMs, connectTimeoutMs = 20_000 }) => ({
      readRoots,
      writeRoots,
      confinement,
      leaseMs,
      within: root,
      inheritedEnvironment: { except: ["SSH_*"] },
      // A person may have to be asked; and a server with much to do lets some wait.
      placeTimeoutMs: 120_000 + connectTimeoutMs,
      openTimeoutMs: 20_000 + connectTimeoutMs,
    }),
    environment: ({ env }) => ({ ...env }),
    async validate(context) {
      requireWithin(context.config.root, context.workspace);
      const target = await targetOf(context);
      // Without its secrets nobody can log in, and validating is told none.
      const isKnowable = target.owner === "" || context.host !== undefined || options.resolveSecret !== undefined;
      if (isKnowable) await pool.check(target);
    },
    create: async (context) => sshTransport(pool, await targetOf(context)),
    attach: async (context) => sshTransport(pool, await targetOf(context)),
    connect: async (context) => sshTransport(pool, await targetOf(context)),
  });
}

/** Names for host programs, so that what one may log in with is no other's. */
class OwnerNames {
  readonly #names = new WeakMap<RunnerHost, string>();
  #count = 0;

  nameOf(host: RunnerHost | undefined): string {
    if (host === undefined) return "own";
    const name = this.#names.get(host) ?? `host ${++this.#count}`;
    this.#names.set(host, name);
    return name;
  }
}

function noResolver({ id }: SecretRef): RunnerError {
  return new RunnerError(
    "unauthenticated",
    `The secret \`${id}\` is needed to log in, and nobody here resolves secrets`,
    {
      provider: "ssh",
      resource: "destination",
      retryable: false,
      phase: "before_start",
    },
  );
}
