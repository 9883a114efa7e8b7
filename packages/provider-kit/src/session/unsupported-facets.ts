import {
  RunnerError,
  type RunnerArtifacts,
  type RunnerErrorResource,
  type RunnerMounts,
  type RunnerSnapshots,
} from "@mooring/api";
import { unsupported } from "../errors/expected.js";

function refusal(message: string, operation: string, resource: RunnerErrorResource): Promise<never> {
  return Promise.reject(unsupported(message, { operation, resource }));
}

/** Snapshots of a provider that has none. */
export const unsupportedSnapshots: RunnerSnapshots = {
  create: () => refusal("runner snapshots are not supported by this provider", "snapshots.create", "snapshot"),
  list: () => refusal("runner snapshots are not supported by this provider", "snapshots.list", "snapshot"),
  delete: () => refusal("runner snapshots are not supported by this provider", "snapshots.delete", "snapshot"),
};

export const unsupportedMounts: RunnerMounts = {
  add: () => refusal("runner mounts are not supported by this provider", "mounts.add", "session"),
  list: () => refusal("runner mounts are not supported by this provider", "mounts.list", "session"),
  remove: () => refusal("runner mounts are not supported by this provider", "mounts.remove", "session"),
};

export const unsupportedArtifacts: RunnerArtifacts = {
  export: () => refusal("runner artifact export is not supported by this provider", "artifacts.export", "file"),
};

/** The error of whatever is called on a session that is over. */
export function sessionEndedError(operation: string, cause?: RunnerError): RunnerError {
  return new RunnerError("ended", `${operation}: the session is over`, {
    operation,
    resource: "session",
    retryable: false,
    phase: "before_start",
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The error of whatever is called on a session that was lost. */
export function sessionLostError(operation: string, cause: RunnerError): RunnerError {
  return new RunnerError("disconnected", `${operation}: the session was lost: ${cause.message}`, {
    operation,
    resource: "session",
    retryable: false,
    phase: "before_start",
    cause,
  });
}
