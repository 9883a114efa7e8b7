import type { RunnerCapabilities } from "./capabilities.js";
import type { RunnerArtifacts } from "./runner-artifacts.js";
import type { RunnerCommands } from "./runner-commands.js";
import type { RunnerError } from "./runner-error.js";
import type { RunnerFiles } from "./runner-files.js";
import type { RunnerMounts } from "./runner-mounts.js";
import type { RunnerPorts } from "./runner-ports.js";
import type { RunnerSnapshots } from "./runner-snapshots.js";
import type { RunnerSessionState } from "./session-state.js";

export interface RunnerPlatform {
  /** As `uname -s` says it, in lower case: `linux`, `darwin`. */
  readonly os: string;
  /** As `uname -m` says it: `x86_64`, `aarch64`. */
  readonly arch: string;
  readonly pathStyle: "posix" | "windows";
}

/** Why a session is over. */
export type RunnerSessionEndReason =
  | "detached"
  | "paused"
  | "closed"
  | "destroyed"
  /** The connection or the far side was lost. */
  | "lost"
  /** Its lifetime was up. */
  | "expired";

export interface RunnerSessionEnd {
  readonly reason: RunnerSessionEndReason;
  /** Present when nobody asked for the end. */
  readonly error?: RunnerError;
}

/** What an ending found and did. */
export interface RunnerCloseReport {
  /** Commands that were running, or had processes in the background, and were ended. */
  readonly commandsEnded: number;
  /** Processes of the session that could not be ended, by the runner's own numbers. */
  readonly survivors: readonly number[];
  /** Whether the far side confirmed that `survivors` is the whole truth. */
  readonly confirmed: boolean;
}

/** All six facets, for code that adds or replaces some of them. */
export interface RunnerFacets {
  readonly commands: RunnerCommands;
  readonly files: RunnerFiles;
  readonly ports: RunnerPorts;
  readonly snapshots: RunnerSnapshots;
  readonly mounts: RunnerMounts;
  readonly artifacts: RunnerArtifacts;
}

/** What narrows a session for a tool. */
export interface RunnerRestrictions {
  /** Within the session's workspace. @default the session's */
  readonly workspace?: string;
  /** Absolute; each within the session's workspace or read roots. @default the session's */
  readonly readRoots?: readonly string[];
  /** Refuses every call that changes a file, and every command, with `permission_denied`. @default false */
  readonly readOnly?: boolean;
}

/** What a tool gets: commands and files, never lifecycle. */
export interface RestrictedSession {
  readonly id: string;
  readonly providerId: string;
  readonly workspace: string;
  readonly platform: RunnerPlatform;
  readonly capabilities: RunnerCapabilities;
  readonly commands: RunnerCommands;
  readonly files: RunnerFiles;
}

/**
 * One live place where commands run and files lie. Safe for many calls at once.
 *
 * Endings (each idempotent; whatever is called later rejects with `ended`, but for `destroy`, which may follow any other):
 *
 * | | plain commands | durable commands | what the provider created |
 * | --- | --- | --- | --- |
 * | `detach` | end | run on | runs on |
 * | `pause` | frozen or ended, by capability | the same | paused |
 * | `close` | end | end | idle, can be resumed |
 * | `destroy` | end | end | removed; nothing a user owned is touched |
 *
 * Disposal does the `onDispose` of the call that made the session.
 */
export interface RemoteRunnerSession extends RunnerFacets, AsyncDisposable {
  readonly id: string;
  readonly providerId: string;
  /** A sentence for a model: where it is, and what is special about it. */
  readonly description: string;
  /** Absolute, on the runner, with no symbolic link in it. */
  readonly workspace: string;
  readonly platform: RunnerPlatform;
  /** Probed on this very session. */
  readonly capabilities: RunnerCapabilities;
  /** Resolves when the session is over, whoever ended it; never rejects. */
  readonly ended: Promise<RunnerSessionEnd>;
  /** When the place ends the session by itself, in milliseconds since the epoch; `null` when it does not. */
  readonly expiresAtMs: number | null;
  /** Moves `expiresAtMs` to so many milliseconds from now. */
  extend(milliseconds: number): Promise<void>;
  /** A view for a tool. It cannot be widened, and ends with the session. */
  restricted(options?: RunnerRestrictions): RestrictedSession;
  /** What `resumeSession` needs. */
  state(): RunnerSessionState;
  pause(): Promise<RunnerCloseReport>;
  detach(): Promise<RunnerCloseReport>;
  close(): Promise<RunnerCloseReport>;
  destroy(): Promise<RunnerCloseReport>;
}
