import type {
  JsonObject,
  ReapReport,
  RunnerCapabilities,
  RunnerDestination,
  RunnerHost,
  RunnerSessionInfo,
  SecretRef,
  StandardSchemaV1,
} from "@mooring/api";
import type { RunnerTransport } from "../transport.js";

/** What a provider is told when a place is wanted. Everything in it is validated. */
export interface ProviderContext<Config> {
  readonly destination: RunnerDestination<Config>;
  readonly config: Config;
  /** Absent for what belongs to no session yet: validating, listing, reaping. */
  readonly sessionId: string | undefined;
  /** Absolute, on the runner. */
  readonly workspace: string;
  /** For the place to be found by. */
  readonly labels: Readonly<Record<string, string>>;
  /** Of the session's options: resolves the secrets that a configuration names. Absent where `sessionId` is. */
  readonly host: RunnerHost | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Which of the runner's files a configuration opens, and how commands are kept from the rest. */
export interface ProviderPolicy {
  /** @default [] */
  readonly readRoots?: readonly string[];
  /** @default [] */
  readonly writeRoots?: readonly string[];
  /**
   * `workspace-write`: required, and refused with `unsupported` where it cannot be enforced. `none`: off. Absent: enforced
   * where it can be; the session's capabilities tell.
   */
  readonly confinement?: "workspace-write" | "none";
  /**
   * What a session's workspace must lie in, looked at over there: a link may lead out of it. Absolute, or in the home there (`~`,
   * `~/app`). @default anywhere
   */
  readonly within?: string;
  /**
   * Commands see the environment that the transport's processes are started with, less these names, of which one may end in `*`;
   * `environment` is then added to it. @default they see `environment` alone
   */
  readonly inheritedEnvironment?: { readonly except: readonly string[] };
  /** Makes a workspace that is not there yet. @default false */
  readonly createWorkspace?: boolean;
  /**
   * In milliseconds. How long either side waits for a sign of life of the other: then the session is lost, and the far side
   * ends what is not durable. @default 30,000
   */
  readonly leaseMs?: number;
  /** In milliseconds. How long a place that is there may take until a session is open, or to start a process. @default 20,000 */
  readonly openTimeoutMs?: number;
  /**
   * In milliseconds. How long each of the definition's and the transport's own steps may take: validating, making, finding,
   * pausing and removing the place, and letting go of it. @default 120,000
   */
  readonly placeTimeoutMs?: number;
}

/** What the author of a provider writes; `defineProvider` makes a whole `RemoteRunnerProvider` of it. */
export interface ProviderDefinition<Config> {
  /** `^[a-z][a-z0-9-]{0,63}$` */
  readonly id: string;
  /** Keys that look like secrets are refused before it is asked. */
  readonly configSchema: StandardSchemaV1<unknown, Config>;
  /** The most a session of this provider can do. */
  readonly capabilities: RunnerCapabilities;
  /** A sentence for a model about where a session is. @default made of the ids and the platform */
  describe?(destination: RunnerDestination<Config>, workspace: string): string;
  capabilitiesFor?(destination: RunnerDestination<Config>): RunnerCapabilities;
  parseLocation?(location: string): RunnerDestination<Config> | undefined;
  defaultWorkspace?(config: Config): string | undefined;
  setupHint?(): Promise<string | undefined>;
  policy?(config: Config): ProviderPolicy;
  /** The whole environment of commands before the session's own is added; secrets are resolved late, by the host. */
  environment?(config: Config): Readonly<Record<string, string | SecretRef>>;
  /** Rejects when the place cannot be used. Creates nothing. */
  validate?(context: ProviderContext<Config>): Promise<void>;
  /**
   * Asked when a session is open, with the workspace's real path, as it is pinned there: rejects when it is not where the
   * configuration allows it. The session is then ended again.
   */
  confirm?(context: ProviderContext<Config>): Promise<void>;
  /** Makes the place, or finds the one that is always there. */
  create(context: ProviderContext<Config>): Promise<RunnerTransport>;
  /** Finds the place again; `lost` only when it is certainly gone. The state is untrusted: validate it. */
  attach(context: ProviderContext<Config>, providerState: JsonObject): Promise<RunnerTransport | "lost">;
  /**
   * A way to a place that is there before any session is, and that using it creates nothing. With it sessions are listed and
   * reaped through the helper; without it by `list` and `reap`.
   */
  connect?(context: ProviderContext<Config>): Promise<RunnerTransport>;
  list?(context: ProviderContext<Config>): AsyncIterable<RunnerSessionInfo>;
  reap?(context: ProviderContext<Config>): Promise<ReapReport>;
}
