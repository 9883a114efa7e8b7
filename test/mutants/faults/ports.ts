import { RunnerError } from "@mooring/api";
import { altered, withSessions } from "../altered.js";
import type { Mutant } from "../mutant.js";

/** Ports that are not what is said of them. */
export const portMutants: readonly Mutant[] = [
  {
    fault: "says that a port is exposed when nothing listens",
    check: "ports.expose-waits",
    make: (provider) =>
      withSessions(provider, (session) => ({
        ports: altered(session.ports, (ports) => ({
          expose: ({ readiness: _readiness, ...request }, options) => ports.expose(request, options),
        })),
      })),
  },
  {
    fault: "connects to nothing",
    check: "ports.connect-nothing-listens",
    make: (provider) =>
      withSessions(provider, (session) => ({
        ports: altered(session.ports, (ports) => ({
          connect: (port, options) =>
            ports.connect(port, options).catch((error: unknown) => {
              if (!RunnerError.is(error) || error.code !== "unavailable") throw error;
              return {
                readable: new ReadableStream<Uint8Array>({ start: (controller) => controller.close() }),
                writable: new WritableStream<Uint8Array>(),
                [Symbol.asyncDispose]: () => Promise.resolve(),
              };
            }),
        })),
      })),
  },
];
