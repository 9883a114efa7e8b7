import type { RemoteRunnerSession } from "../remote-runner-session.js";
import { RunnerError } from "../runner-error.js";

/** The handle that a tool of a bound thread works through. It holds a live session and exists in memory only. */
export interface RemoteWorkspace {
  readonly session: RemoteRunnerSession;
  /** Absolute, on the runner. */
  readonly root: string;
  /** Absolute; reads may resolve under these too, writes and the working directory may not. */
  readonly readRoots: readonly string[];
}

/** Always throws `unsupported`: a live session cannot be written down. Its `state()` can. */
export function encodeRemoteWorkspace(_workspace: unknown): never {
  throw notSerialisable();
}

/** Always throws `unsupported`: see `encodeRemoteWorkspace`. */
export function decodeRemoteWorkspace(_value: unknown): never {
  throw notSerialisable();
}

function notSerialisable(): RunnerError {
  return new RunnerError(
    "unsupported",
    "A remote workspace holds a live session and has no JSON form: use the session's state",
    { retryable: false, phase: "before_start" },
  );
}
