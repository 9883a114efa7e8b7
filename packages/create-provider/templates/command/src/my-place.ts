import type { RemoteRunnerProvider } from "@mooring/api";
import { defineProvider, type ProviderContext, residentHelperCapabilities } from "@mooring/provider-kit";
import { type MyPlaceConfig, myPlaceConfigSchema } from "./config.js";
import { reachPlace } from "./reach-place.js";
import { commandTransport } from "./transport.js";

/** Of what processes over there are started with, commands see all but what was meant for the way there. */
const wayThere = ["SSH_*", "DOCKER_*", "KUBECONFIG"];

/** A place that a command reaches. Makes no connection yet: the first is in `createSession`. */
export function myPlace(): RemoteRunnerProvider<MyPlaceConfig> {
  return defineProvider<MyPlaceConfig>({
    id: "my-place",
    configSchema: myPlaceConfigSchema,
    // The most that a session can do. Each session tells what it really has: less where the place has no Perl.
    capabilities: residentHelperCapabilities,
    describe: ({ config }, workspace) => `The directory ${workspace} behind the command ${config.command[0]}.`,
    defaultWorkspace: ({ root }) => root,
    policy: ({ root, leaseMs }) => ({ within: root, inheritedEnvironment: { except: wayThere }, leaseMs }),
    environment: ({ env }) => env ?? {},
    // The place is there before any session, and stays: nothing is made, and nothing has to be found again by its state.
    create: open,
    attach: open,
    connect: open,
  });
}

async function open({ config, signal }: ProviderContext<MyPlaceConfig>) {
  const transport = commandTransport(config);
  await reachPlace(transport, signal);
  return transport;
}
