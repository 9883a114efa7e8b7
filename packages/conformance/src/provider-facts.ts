import type { RemoteRunnerSession, RunnerDestination, RunnerSessionOptions } from "@mooring/api";

/**
 * What a provider's author says of the place that the checks run against. Everything else is probed there. The checks
 * work in directories of their own under the session's workspace, and remove them.
 */
export interface ProviderFacts<Config = unknown> {
  readonly destination: RunnerDestination<Config>;
  /** For every session that the checks open. @default {} */
  readonly options?: Omit<RunnerSessionOptions, "sessionId" | "signal" | "host">;
  /** A `config` that the provider must refuse for a reason of its own, such as a wrong port. @default none */
  readonly wrongConfig?: unknown;
  /**
   * Breaks what ties this session to its place, as a fault would: kills the helper, or cuts the connection. Resolves when
   * it is done. The checks of the group `loss` need it. @default none
   */
  readonly sever?: (session: RemoteRunnerSession) => Promise<void>;
  /**
   * Kills a process of the place with SIGKILL, from outside of every session. The number is the one that commands there see.
   * @default none
   */
  readonly kill?: (pid: number) => Promise<void>;
  /**
   * An ES module that exports `provider` and `destination`. It is loaded in processes of their own, which open sessions and are
   * then killed or frozen. @default none
   */
  readonly owner?: URL;
  /** Options of node for those processes, such as `["--import", "tsx"]` for a module in TypeScript. @default this process's own */
  readonly ownerArguments?: readonly string[];
  /** In milliseconds: the lease of the sessions of `owner`'s destination, after which a frozen owner has lost them. @default 30,000 */
  readonly leaseMs?: number;
  /** How many operations the races try, for each verb. @default 500 */
  readonly raceOperations?: number;
  /** Groups of checks to run, such as `files`. @default all */
  readonly groups?: readonly string[];
  /** Ids of checks to run. @default all */
  readonly only?: readonly string[];
  /** How long a check may take before it counts as hung. @default 20,000 */
  readonly deadlineMs?: number;
  /** Multiplies every deadline of the checks, for a place that is far away. @default 1 */
  readonly slowness?: number;
}
