import type { RemoteRunnerProvider, RunnerDestination, RunnerSessionOptions } from "@mooring/api";
import * as z from "zod";
import { defineProvider, residentHelperCapabilities, type RunnerTransport } from "../../src/index.js";
import { FakeHelper, type FakeHelperOptions } from "./fake-helper.js";

const configSchema = z.strictObject({ root: z.string(), env: z.record(z.string(), z.unknown()).optional() });

export type FakeConfig = z.infer<typeof configSchema>;

export const destination: RunnerDestination<FakeConfig> = {
  id: "here",
  providerId: "fake",
  config: { root: "/srv/place" },
  defaultManifest: { entries: [], mounts: [] },
};

export interface FakeProvider {
  readonly provider: RemoteRunnerProvider<FakeConfig>;
  /** The helpers that were started, the latest last. */
  readonly helpers: FakeHelper[];
  readonly events: string[];
  open(options?: RunnerSessionOptions): ReturnType<RemoteRunnerProvider["createSession"]>;
}

/** A provider whose every helper is scripted. */
export function fakeProvider(options: FakeHelperOptions = {}, transport: Partial<RunnerTransport> = {}): FakeProvider {
  const helpers: FakeHelper[] = [];
  const events: string[] = [];
  const open = (): RunnerTransport => {
    const helper = new FakeHelper(options);
    helpers.push(helper);
    return {
      ...helper.transport,
      destroy: async () => void events.push("transport destroyed"),
      ...transport,
      async [Symbol.asyncDispose]() {
        events.push("transport let go");
      },
    };
  };
  const provider = defineProvider<FakeConfig>({
    id: "fake",
    configSchema,
    capabilities: residentHelperCapabilities,
    defaultWorkspace: ({ root }) => root,
    create: async () => {
      events.push("created");
      return open();
    },
    attach: async (_context, state) => (state["gone"] === true ? "lost" : open()),
  });
  return { provider, helpers, events, open: (sessionOptions) => provider.createSession(destination, sessionOptions) };
}
