import type {
  RunnerArtifacts,
  RunnerCommands,
  RunnerFiles,
  RunnerMounts,
  RunnerPorts,
  RunnerSnapshots,
} from "@mooring/api";
import { failure } from "./failure.js";

type RequireAlive = (operation: string) => void;

/** A call that this place does not have: `unsupported`, in a session that lives. */
async function absent(operation: string, requireAlive: RequireAlive): Promise<never> {
  requireAlive(operation);
  throw failure("unsupported", `${operation} is not there: this place is memory alone`, { operation });
}

/** No program runs in memory. A view that only reads would not let one run in the first place. */
export function absentCommands(requireAlive: RequireAlive, readOnly = false): RunnerCommands {
  async function refused(operation: string): Promise<never> {
    requireAlive(operation);
    if (!readOnly) return await absent(operation, requireAlive);
    throw failure("permission_denied", `${operation} is refused: this view only reads`, {
      operation,
      resource: "command",
    });
  }
  return {
    run: () => refused("commands.run"),
    start: () => refused("commands.start"),
    attach: () => absent("commands.attach", requireAlive),
    list: () => absent("commands.list", requireAlive),
    cancel: () => absent("commands.cancel", requireAlive),
  };
}

export function absentFileCalls(requireAlive: RequireAlive): Pick<RunnerFiles, "watch" | "archive" | "extract"> {
  return {
    watch: () => absent("files.watch", requireAlive),
    archive: () => absent("files.archive", requireAlive),
    extract: () => absent("files.extract", requireAlive),
  };
}

export function absentPorts(requireAlive: RequireAlive): RunnerPorts {
  return {
    expose: () => absent("ports.expose", requireAlive),
    list: () => absent("ports.list", requireAlive),
    connect: () => absent("ports.connect", requireAlive),
  };
}

export function absentSnapshots(requireAlive: RequireAlive): RunnerSnapshots {
  return {
    create: () => absent("snapshots.create", requireAlive),
    list: () => absent("snapshots.list", requireAlive),
    delete: () => absent("snapshots.delete", requireAlive),
  };
}

export function absentMounts(requireAlive: RequireAlive): RunnerMounts {
  return {
    add: () => absent("mounts.add", requireAlive),
    list: () => absent("mounts.list", requireAlive),
    remove: () => absent("mounts.remove", requireAlive),
  };
}

export function absentArtifacts(requireAlive: RequireAlive): RunnerArtifacts {
  return { export: () => absent("artifacts.export", requireAlive) };
}
