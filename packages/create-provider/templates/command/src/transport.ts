import type { RunnerTransport, TransportProcess } from "@mooring/provider-kit";
import type { MyPlaceConfig } from "./config.js";
import { shellQuoted } from "./quote.js";
import { startProcess } from "./start-process.js";

/** Starts processes over there by starting the configured command here. */
export function commandTransport({ command, passes }: MyPlaceConfig): RunnerTransport {
  const running = new Set<TransportProcess>();
  return {
    // What `attach` would need to find this very place again, such as a machine's id. Never a secret.
    providerState: {},
    channel: {
      // Every byte comes through as it was sent. A command that opens a terminal over there (`-t`) would change some.
      kind: "bytes",
      async spawn(argv, options = {}) {
        const added = passes === "shell" ? argv.map(shellQuoted) : argv;
        const started = await startProcess([...command, ...added], options.signal);
        running.add(started);
        void started.exited.then(() => running.delete(started));
        return started;
      },
    },
    async [Symbol.asyncDispose]() {
      for (const process of running) process.kill();
    },
  };
}
