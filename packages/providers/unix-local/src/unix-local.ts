import { arch, type as osType } from "node:os";
import type { RemoteRunnerProvider } from "@mooring/api";
import {
  defineProvider,
  type ProviderContext,
  residentHelperCapabilities,
  type RunnerTransport,
} from "@mooring/provider-kit";
import { type UnixLocalConfig, unixLocalConfigSchema } from "./config.js";
import { allowedEnvironment, helperEnvironment } from "./environment.js";
import { localTransport } from "./local-transport.js";
import { parseUnixLocalLocation } from "./location.js";
import { checkWorkspace, confirmWorkspace } from "./workspace.js";

/** The machine that this program runs on, as the user who runs it. */
export function unixLocal(): RemoteRunnerProvider<UnixLocalConfig> {
  return defineProvider<UnixLocalConfig>({
    id: "unix-local",
    configSchema: unixLocalConfigSchema,
    capabilities: residentHelperCapabilities,
    describe: (_destination, workspace) =>
      `The directory ${workspace} on the user's own machine (${osType()}, ${arch()}).`,
    capabilitiesFor: ({ config }) =>
      config.confinement === "none"
        ? {
            ...residentHelperCapabilities,
            commands: { ...residentHelperCapabilities.commands, confinement: "none" },
          }
        : residentHelperCapabilities,
    parseLocation: parseUnixLocalLocation,
    defaultWorkspace: ({ root }) => root,
    policy: ({ readRoots, writeRoots, confinement, leaseMs }) => ({ readRoots, writeRoots, confinement, leaseMs }),
    environment: ({ env }) => ({ ...allowedEnvironment(), ...env }),
    validate: ({ config, workspace }) => checkWorkspace(config.root, workspace),
    confirm: ({ config, workspace }) => confirmWorkspace(config.root, workspace),
    create: async (context) => transportFor(context),
    async attach(context) {
      await checkWorkspace(context.config.root, context.workspace);
      return transportFor(context);
    },
    connect: async (context) => transportFor(context),
  });
}

function transportFor({ config }: ProviderContext<UnixLocalConfig>): RunnerTransport {
  const path = config.env?.["PATH"];
  return localTransport(helperEnvironment(typeof path === "string" ? path : undefined));
}
