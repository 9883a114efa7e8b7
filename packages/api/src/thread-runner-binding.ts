import type { RunnerDestination } from "./destination.js";

/** Ties an agent's thread to the place where its work happens. */
export interface ThreadRunnerBinding {
  readonly destination: RunnerDestination;
  /** Absolute path on the runner: the root of the thread's paths and its working directory. */
  readonly workspace: string;
  /**
   * Further absolute paths on the runner that reads may resolve under. Writes and the working
   * directory stay in `workspace`.
   * @default []
   */
  readonly readRoots: readonly string[];
}
