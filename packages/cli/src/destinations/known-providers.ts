import type { RemoteRunnerProvider, RunnerDestination } from "@mooring/api";

/** Whether commands of a session may write outside its workspace. */
export type Confinement = "workspace-write" | "none";

/** A provider that this command line comes with. Loaded only when a destination is its own. */
export interface KnownProvider {
  readonly id: string;
  /** What its locations begin with. */
  readonly schemes: readonly string[];
  /** How a location looks, for help. */
  readonly location: string;
  load(): Promise<RemoteRunnerProvider>;
  /** The destination with that confinement asked for; absent where the provider has no such setting. */
  confined?(destination: RunnerDestination, confinement: Confinement): RunnerDestination;
}

export const knownProviders: readonly KnownProvider[] = [
  {
    id: "unix-local",
    schemes: ["unix-local"],
    location: "unix-local:<directory>",
    async load() {
      const { unixLocal } = await import("@mooring/unix-local");
      return unixLocal();
    },
    confined: withConfinement,
  },
  {
    id: "ssh",
    schemes: ["ssh"],
    location: "ssh://[user@]host[:port]/<directory>",
    async load() {
      const [{ ssh }, { askAtTerminal }] = await Promise.all([
        import("@mooring/ssh"),
        import("../terminal/ask-at-terminal.js"),
      ]);
      return ssh(process.stdin.isTTY ? { onKeyboardInteractive: askAtTerminal } : {});
    },
    confined: withConfinement,
  },
];

function withConfinement(destination: RunnerDestination, confinement: Confinement): RunnerDestination {
  return { ...destination, config: { ...(destination.config as object), confinement } };
}
