/** When an owner was killed. */
export type KillMoment = "starting" | "resuming" | "attaching" | "reading" | "after the end";

/** What killing the owners of durable commands found. */
export interface DurableKillsReport {
  /** Gives the same moments again, as far as a machine can. */
  readonly seed: number;
  readonly commands: number;
  readonly kills: number;
  readonly killsByMoment: Readonly<Record<KillMoment, number>>;
  /** Of output, read and acknowledged. */
  readonly bytes: number;
  readonly lostBytes: number;
  readonly doubledBytes: number;
  /** Commands that ended, and of which nobody could say how. */
  readonly exitsUnknown: number;
  /** Kills during a start after which `attach` said that nothing had been started. */
  readonly neverStarted: number;
  /** Whatever was not as it must be. Empty is the only pass. */
  readonly violations: readonly string[];
  /** Why nothing was measured; absent when it was. */
  readonly skipped?: string;
}

export function noKillsYet(seed: number) {
  return {
    seed,
    commands: 0,
    kills: 0,
    killsByMoment: { starting: 0, resuming: 0, attaching: 0, reading: 0, "after the end": 0 },
    bytes: 0,
    lostBytes: 0,
    doubledBytes: 0,
    exitsUnknown: 0,
    neverStarted: 0,
    violations: [] as string[],
  };
}
