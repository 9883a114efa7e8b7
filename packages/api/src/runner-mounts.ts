import type { RunnerMount } from "./mount.js";
import type { RunnerCallOptions } from "./runner-command.js";

/** Storage mounted into a running session. */
export interface RunnerMounts {
  add(mount: RunnerMount, options?: RunnerCallOptions): Promise<void>;
  list(options?: RunnerCallOptions): Promise<RunnerMount[]>;
  /** Rejects with `not_found` when no mount has that name. */
  remove(name: string, options?: RunnerCallOptions): Promise<void>;
}
