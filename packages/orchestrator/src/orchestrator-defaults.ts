/** The numbers that hold where nothing else was asked for. Times are in milliseconds. */
export const orchestratorDefaults = {
  /** How long a command may run. */
  shellTimeoutMs: 120_000,
  /** The most that may be asked for. */
  shellMaxTimeoutMs: 600_000,
  /** The most that a provider is asked for, whoever asks. */
  remoteExecMaxTimeoutMs: 600_000,
  /** What a session keeps of each stream of a command. */
  outputBufferBytes: 1_048_576,
  /** The text that a tool hands to the model. */
  toolResultBytes: 65_536,
  /** After this, a command that still runs is left in the background and its output so far returned. */
  execYieldMs: 10_000,
  /** The same for a command that was started as a background one. */
  backgroundYieldMs: 1_000,
  /** How long `write_stdin` waits for output. */
  writeYieldMs: 1_000,
  /** What is left of a turn's time for what comes after the tool. */
  deadlineReserveMs: 30_000,
  /** The least time a tool gets, however little of the turn is left. */
  deadlineMinimumMs: 1_000,
  /** Between TERM and KILL for a command whose call was dropped. */
  cancelGraceMs: 1_000,
  /** How long a call waits for its turn on the workspace. */
  leaseAcquireTimeoutMs: 60_000,
  /** For leases that are held outside this process; within it, giving one back takes no time. */
  leaseReleaseTimeoutMs: 60_000,
  readFileLines: 2_000,
  listLimit: 1_000,
  grepLimit: 200,
  /** The largest file that `edit_file` takes. */
  editFileBytes: 16_777_216,
} as const;

/** The same numbers, any of them changed. */
export type OrchestratorLimits = { readonly [Name in keyof typeof orchestratorDefaults]: number };
