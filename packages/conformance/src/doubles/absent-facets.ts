import type { RunnerArtifacts, RunnerMounts, RunnerPorts, RunnerSnapshots } from "@mooring/api";
import { failure } from "./failure.js";

/** The facets that a runner in memory does not have: each call rejects with `unsupported`. */
export function absentFacets(alive: (operation: string) => void): {
  ports: RunnerPorts;
  snapshots: RunnerSnapshots;
  mounts: RunnerMounts;
  artifacts: RunnerArtifacts;
} {
  async function absent(operation: string): Promise<never> {
    alive(operation);
    throw failure("unsupported", `${operation} is not there: this runner lives in memory`, {
      operation,
    });
  }
  return {
    ports: {
      expose: () => absent("ports.expose"),
      list: () => absent("ports.list"),
      connect: () => absent("ports.connect"),
    },
    snapshots: {
      create: () => absent("snapshots.create"),
      list: () => absent("snapshots.list"),
      delete: () => absent("snapshots.delete"),
    },
    mounts: {
      add: () => absent("mounts.add"),
      list: () => absent("mounts.list"),
      remove: () => absent("mounts.remove"),
    },
    artifacts: { export: () => absent("artifacts.export") },
  };
}
