import { spawn } from "node:child_process";
import { open } from "node:fs/promises";
import process from "node:process";
import type { RemoteRunnerSession, RunnerCommandResult } from "@mooring/api";
import { defineProvider, type ProviderDefinition } from "@mooring/provider-kit";
import { markVariable, type PlaceConfig, type PlaceProvider } from "./places/place.js";
import type { FaultFigures } from "./try-faults.js";

/** A bug that the faults must find, and where it shows. */
export interface PlantedBug {
  readonly name: string;
  readonly shows: keyof Pick<FaultFigures, "late" | "wrong" | "unhandled" | "leaked">;
  readonly make: (definition: ProviderDefinition<PlaceConfig>) => PlaceProvider;
}

type Change = (
  session: RemoteRunnerSession,
  definition: ProviderDefinition<PlaceConfig>,
) => Partial<RemoteRunnerSession>;

/** The kit's own provider, but for what the change says of its sessions. */
function altered(change: Change): PlantedBug["make"] {
  return (definition) => {
    const provider = defineProvider(definition);
    return {
      ...provider,
      async createSession(destination, options) {
        const session = await provider.createSession(destination, options);
        const changes = change(session, definition);
        return new Proxy(session, {
          get(target, key) {
            if (Object.hasOwn(changes, key)) return Reflect.get(changes, key) as unknown;
            const value = Reflect.get(target, key, target) as unknown;
            return typeof value === "function" ? (value.bind(target) as unknown) : value;
          },
        });
      },
    };
  };
}

/** What becomes of the result of `run`. */
function alteredRun(
  change: (result: RunnerCommandResult) => RunnerCommandResult | Promise<RunnerCommandResult>,
): Change {
  return ({ commands }) => ({
    commands: {
      start: (...values) => commands.start(...values),
      attach: (...values) => commands.attach(...values),
      list: (...values) => commands.list(...values),
      cancel: (...values) => commands.cancel(...values),
      run: async (...values) => change(await commands.run(...values)),
    },
  });
}

const isLost = ({ exit }: RunnerCommandResult) => exit.kind === "unknown";

export const plantedBugs: readonly PlantedBug[] = [
  {
    name: "a lost command is said to have exited 0",
    shows: "wrong",
    make: altered(
      alteredRun((result) =>
        isLost(result) ? { ...result, exit: { kind: "code", code: 0 }, reason: "exited" } : result,
      ),
    ),
  },
  {
    name: "a command that is lost is said to have ended by itself",
    shows: "wrong",
    make: altered(alteredRun((result) => (isLost(result) ? { ...result, reason: "exited" } : result))),
  },
  {
    name: "a loss is an error of no contract",
    shows: "wrong",
    make: altered(
      alteredRun((result) => {
        if (isLost(result)) throw new TypeError("cannot read properties of undefined");
        return result;
      }),
    ),
  },
  {
    name: "a loss is waited for without end",
    shows: "wrong",
    make: altered(alteredRun((result) => (isLost(result) ? new Promise(() => undefined) : result))),
  },
  {
    name: "a loss is told too late",
    shows: "late",
    make: altered(
      alteredRun((result) =>
        isLost(result) ? new Promise((resolve) => setTimeout(() => resolve(result), 4_000)) : result,
      ),
    ),
  },
  {
    name: "a promise that nobody holds rejects",
    shows: "unhandled",
    make: altered(
      alteredRun((result) => {
        if (isLost(result)) void Promise.reject(new Error("planted: nobody listens"));
        return result;
      }),
    ),
  },
  {
    name: "a process is left behind",
    shows: "leaked",
    make: altered((_session, definition) => {
      const mark = definition.environment?.({ root: "/" })[markVariable];
      if (typeof mark !== "string") throw new Error("Expected a definition that marks its processes");
      spawn("sleep", ["60"], {
        detached: true,
        stdio: "ignore",
        env: { ...process.env, [markVariable]: mark },
      }).unref();
      return {};
    }),
  },
  {
    name: "a descriptor is left open",
    shows: "leaked",
    make: altered(
      alteredRun(async (result) => {
        // Held by what is never let go of, so that no collection closes it.
        held.push(await open("/dev/null"));
        return result;
      }),
    ),
  },
  {
    name: "a timer is left running",
    shows: "leaked",
    make: altered(
      alteredRun((result) => {
        held.push(setInterval(() => undefined, 60_000));
        return result;
      }),
    ),
  },
];

const held: (NodeJS.Timeout | Awaited<ReturnType<typeof open>>)[] = [];

/** Lets go of what planted bugs left in this process. */
export async function releasePlanted(): Promise<void> {
  for (const one of held.splice(0)) {
    if ("close" in one && "fd" in one) await one.close();
    else clearInterval(one as NodeJS.Timeout);
  }
}
