import type { RunnerTransport } from "@mooring/provider-kit";
import { RemoteProcess } from "./remote-process.js";
import type { ServiceClient } from "./service-client.js";

/** Starts processes over there through the service. */
export function httpTransport(client: ServiceClient): RunnerTransport {
  const running = new Set<RemoteProcess>();
  return {
    // What `attach` would need to find this very place again, such as a machine's id. Never a secret.
    providerState: {},
    channel: {
      // Every byte comes through as it was sent. Say "text" for a service that hands on decoded strings.
      kind: "bytes",
      async spawn(argv, options = {}) {
        const started = await RemoteProcess.start(client, argv, options.signal);
        running.add(started);
        void started.over.then(() => running.delete(started));
        return started;
      },
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...running].map((process) => process.remove()));
      client.close();
    },
  };
}
