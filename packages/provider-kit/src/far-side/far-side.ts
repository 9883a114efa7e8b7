import type {
  RunnerCapabilities,
  RunnerCloseReport,
  RunnerCommands,
  RunnerError,
  RunnerFiles,
  RunnerHost,
  RunnerPlatform,
  RunnerPorts,
} from "@mooring/api";

/**
 * What a helper makes of a transport's channel: the facets that need the far side. One implementation talks to the resident
 * Perl helper, the other starts a shell for each call. The session around them sees to it that nothing is called after the end.
 */
export interface FarSide {
  readonly commands: RunnerCommands;
  readonly files: RunnerFiles;
  readonly ports: RunnerPorts;
  readonly platform: RunnerPlatform;
  /** What this very far side can do. `artifacts`, `mounts`, `snapshots` are `none`. */
  readonly capabilities: RunnerCapabilities;
  /** The root's real path. */
  readonly workspace: string;
  /** Ends commands and helper as the mode says; called at most once. Resolves even when the far side is gone. */
  end(mode: FarSideEnding): Promise<RunnerCloseReport>;
  /** Resolves when the far side was lost without being asked to end; stays pending otherwise. */
  readonly lost: Promise<RunnerError>;
}

export type FarSideEnding = "close" | "detach" | "destroy";

/** What a session is opened with on the far side. All of it is validated. */
export interface FarSideOptions {
  readonly providerId: string;
  readonly sessionId: string;
  /** `create`: the id must be new there, else `already_exists`. `resume`: it must be there, else `not_found`. */
  readonly mode: "create" | "resume";
  /** Absolute, or in the home over there (`~`); must exist unless `createRoot`. */
  readonly root: string;
  readonly createRoot: boolean;
  readonly readRoots: readonly string[];
  readonly writeRoots: readonly string[];
  /** What the workspace must really lie in; absolute, or in the home over there (`~`). Absent: anywhere. */
  readonly within?: string | undefined;
  /** Whether commands see what processes over there are started with, less these names; one may end in `*`. */
  readonly inheritedEnvironment?: { readonly except: readonly string[] } | undefined;
  /** The environment of commands, resolved: the whole of it, or what is added to the inherited one. */
  readonly env: ReadonlyMap<string, string>;
  readonly confinement: "workspace-write" | "none";
  /** Whether a far side that cannot confine is refused with `unsupported` rather than reported. */
  readonly confinementRequired: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly host: RunnerHost | undefined;
  /** How long the far side may hear nothing before it ends itself, and we may before it counts as lost. */
  readonly leaseMs: number;
  /** How long opening may take in all. */
  readonly openTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
}
