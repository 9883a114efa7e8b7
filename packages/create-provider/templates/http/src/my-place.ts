import type { RemoteRunnerProvider } from "@mooring/api";
import { defineProvider, type ProviderContext, residentHelperCapabilities } from "@mooring/provider-kit";
import { type MyPlaceConfig, myPlaceConfigSchema } from "./config.js";
import { ServiceClient } from "./service-client.js";
import { resolveToken, type SecretResolver } from "./token.js";
import { httpTransport } from "./transport.js";

const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface MyPlaceOptions {
  /**
   * The value of a token that a destination names. It is asked before the session's own `host.resolveSecret`, and is the
   * only one to be asked where there is no session yet: when destinations are validated, and sessions listed and reaped.
   * @default the host's
   */
  readonly resolveSecret?: SecretResolver;
}

/** A place behind an HTTP service. Makes no connection yet: the first is in `validateDestination` or `createSession`. */
export function myPlace(options: MyPlaceOptions = {}): RemoteRunnerProvider<MyPlaceConfig> {
  async function connect(context: ProviderContext<MyPlaceConfig>): Promise<ServiceClient> {
    const { config, host, signal } = context;
    const token = await resolveToken(config.token, options.resolveSecret ?? host?.resolveSecret?.bind(host));
    const client = new ServiceClient(config.url, token);
    // A service that cannot be reached, or refuses the token, says so before anything is started there.
    await client.ping(signal);
    return client;
  }

  async function open(context: ProviderContext<MyPlaceConfig>) {
    return httpTransport(await connect(context));
  }

  return defineProvider<MyPlaceConfig>({
    id: "my-place",
    configSchema: myPlaceConfigSchema,
    // The most that a session can do. Each session tells what it really has: less where the place has no Perl.
    capabilities: residentHelperCapabilities,
    describe: ({ config }, workspace) => `The directory ${workspace} behind ${new URL(config.url).host}.`,
    defaultWorkspace: ({ root }) => root,
    policy: ({ root, leaseMs }) => ({ within: root, leaseMs }),
    environment: ({ env }) => env ?? { PATH: path },
    // The place is there before any session, and stays: nothing is made, and nothing has to be found again by its state.
    create: open,
    attach: open,
    connect: open,
  });
}
