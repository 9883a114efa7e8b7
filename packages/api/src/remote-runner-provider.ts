import type { RunnerBlobStore } from "./blob-store.js";
import type { RunnerCapabilities } from "./capabilities.js";
import type { RunnerDestination } from "./destination.js";
import type { RemoteRunnerSession } from "./remote-runner-session.js";
import type { RunnerCallOptions } from "./runner-command.js";
import type { SecretRef } from "./secret-ref.js";
import type { RunnerSessionState } from "./session-state.js";
import type { RunnerSnapshotRef } from "./snapshot-ref.js";
import type { StandardSchemaV1 } from "./standard-schema.js";

/** What the program that opens a session offers to it. */
export interface RunnerHost {
  /** The value of a secret. Called once for each use; the value is not kept. */
  resolveSecret?(reference: SecretRef): Promise<string>;
  readonly blobs?: RunnerBlobStore;
}

export interface RunnerSessionOptions {
  /**
   * Makes `createSession` idempotent: the same id again rejects with `already_exists`, and is to be resumed.
   * 1 to 128 of `A-Z a-z 0-9 . _ -`, not starting with a dot. @default a random one
   */
  readonly sessionId?: string;
  /** Absolute, on the runner. @default the provider's, by its configuration */
  readonly workspace?: string;
  /** Absolute; reads may resolve under these too. @default the configuration's */
  readonly readRoots?: readonly string[];
  /** Absolute; files may be written under these too. @default the configuration's */
  readonly writeRoots?: readonly string[];
  /** For every command of the session. @default {} */
  readonly env?: Readonly<Record<string, string | SecretRef>>;
  /** To find the session by later. @default {} */
  readonly labels?: Readonly<Record<string, string>>;
  /** What the workspace starts from. */
  readonly snapshot?: RunnerSnapshotRef | { readonly archive: ReadableStream<Uint8Array> };
  /** What disposal does. @default "destroy" for a session that this call created, else "close" */
  readonly onDispose?: "close" | "detach" | "destroy";
  /** Governs the opening only: the session lives on when it is aborted later. */
  readonly signal?: AbortSignal;
  readonly host?: RunnerHost;
}

export interface RunnerResumeOptions extends RunnerSessionOptions {
  /**
   * What to do when the place is gone: reject with `not_found`, start again from the state's snapshot, or start empty.
   * @default "fail"
   */
  readonly onLost?: "fail" | "restore" | "recreate";
}

/** What `resumeSession` came back with. */
export interface ResumedSession {
  readonly session: RemoteRunnerSession;
  /** `reattached`: the same place. `restored`: a new one from the snapshot. `recreated`: a new, empty one. */
  readonly outcome: "reattached" | "restored" | "recreated";
  /** What the former session had and this one lacks, a sentence each. */
  readonly missing: readonly string[];
}

/** A session that a provider found, alive or left behind. */
export interface RunnerSessionInfo {
  readonly sessionId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  readonly state: "running" | "paused" | "idle";
  /** Commands that are recorded there. */
  readonly commands: number;
}

export interface ReapReport {
  /** Ids of the sessions whose owner is gone and that were removed. */
  readonly reaped: readonly string[];
  /** Ids that were left alone because their owner lives, or because it cannot be told. */
  readonly kept: readonly string[];
}

/**
 * A kind of place where work can happen. Factories are synchronous and do no I/O; the first is in
 * `validateDestination` or `createSession`.
 */
export interface RemoteRunnerProvider<Config = unknown> {
  /** A breaking change of this contract is a new version beside it. */
  readonly specificationVersion: "runner-v1";
  /** `^[a-z][a-z0-9-]{0,63}$` */
  readonly id: string;
  /** Parses `RunnerDestination.config`. Refuses secret-like keys at any depth. */
  readonly configSchema: StandardSchemaV1<unknown, Config>;
  /** The most this provider can offer; a session says what it really has. */
  readonly capabilities: RunnerCapabilities;
  capabilitiesFor?(destination: RunnerDestination<Config>): RunnerCapabilities;
  /** Reads what a person typed, such as `ssh://dev@box/srv/app`; `undefined` when it is not this provider's. */
  parseLocation?(location: string): RunnerDestination<Config> | undefined;
  /** What to do before it can be used: names of environment variables, never values. `undefined` when ready. */
  setupHint?(): Promise<string | undefined>;
  /** The workspace that a configuration implies. */
  defaultWorkspace?(config: Config): string | undefined;
  /** Rejects as `createSession` would for what can be known beforehand. Creates nothing. */
  validateDestination(destination: RunnerDestination<Config>, options?: RunnerCallOptions): Promise<void>;
  createSession(destination: RunnerDestination<Config>, options?: RunnerSessionOptions): Promise<RemoteRunnerSession>;
  /** Only a place that is certainly gone counts as lost; a doubtful one rejects with `unavailable`. */
  resumeSession(
    destination: RunnerDestination<Config>,
    state: RunnerSessionState,
    options?: RunnerResumeOptions,
  ): Promise<ResumedSession>;
  /** Sessions that carry all the given labels. */
  listSessions?(
    destination: RunnerDestination<Config>,
    options?: { readonly labels?: Readonly<Record<string, string>> } & RunnerCallOptions,
  ): AsyncIterable<RunnerSessionInfo>;
  /** Removes labelled leftovers whose owner is gone, and nothing else. */
  reap?(
    destination: RunnerDestination<Config>,
    options?: { readonly labels?: Readonly<Record<string, string>> } & RunnerCallOptions,
  ): Promise<ReapReport>;
}
