import type { OrchestratorLimits } from "./orchestrator-defaults.js";

/** What an orchestrator may decide by itself. */
export interface OrchestratorPolicy {
  /**
   * What to do when a thread's session is gone for certain and has no snapshot: refuse the call, or start again in an
   * empty place. A snapshot is always restored.
   * @default "fail"
   */
  readonly onLost?: "fail" | "recreate";
  /** @default orchestratorDefaults */
  readonly limits?: Partial<OrchestratorLimits>;
}
