import type { ProviderContext, ProviderDefinition, RunnerTransport } from "@mooring/provider-kit";
import { faultyCall, faultyTransport, goneTransport } from "./faulty-transport.js";
import type { Garbage } from "./garbage.js";
import type { Injector } from "./injector.js";

/** A provider's definition whose own calls can fail, and those of every transport that it makes. */
export function faultyDefinition<Config>(
  real: ProviderDefinition<Config>,
  injector: Injector,
  garbage: Garbage,
): ProviderDefinition<Config> {
  const over = (transport: RunnerTransport) => faultyTransport(transport, injector, garbage);
  const faultyConnect = (context: ProviderContext<Config>): Promise<RunnerTransport> => {
    const reach = async () => {
      const transport = await real.connect?.(context);
      if (transport === undefined) throw new Error("Expected a definition with `connect`");
      return transport;
    };
    return faultyCall("connect", injector, async () => over(await reach()), {
      "early-gone": async () => goneTransport(await reach()),
    });
  };
  return {
    ...real,
    ...(real.validate === undefined
      ? {}
      : { validate: (context) => faultyCall("validate", injector, async () => real.validate?.(context)) }),
    create: (context) =>
      faultyCall("create", injector, async () => over(await real.create(context)), {
        "early-gone": async () => goneTransport(await real.create(context)),
      }),
    attach: (context, state) =>
      faultyCall<RunnerTransport | "lost">(
        "attach",
        injector,
        async () => {
          const found = await real.attach(context, state);
          return found === "lost" ? found : over(found);
        },
        {
          "early-lost": async () => "lost",
          "early-gone": async () => {
            const found = await real.attach(context, state);
            return found === "lost" ? found : goneTransport(found);
          },
        },
      ),
    ...(real.connect === undefined ? {} : { connect: (context) => faultyConnect(context) }),
  };
}
