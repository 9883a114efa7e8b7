/** One thing that a check asked for, and what came. Bounded in length; secrets are masked. */
export interface CheckEvidence {
  readonly asked: string;
  readonly came: string;
}

/** What became of one check. */
export interface CheckResult {
  /** `group.name`, such as `process.timeout-ends-setsid-child`. Stable: reports are compared by it. */
  readonly id: string;
  readonly group: string;
  /** The promise of the specification that it holds, such as `P23`. */
  readonly promise: string;
  /** A sentence that says what a pass proves. */
  readonly title: string;
  readonly status: "passed" | "failed" | "skipped";
  /** Why it failed or was skipped; absent when it passed. */
  readonly reason?: string;
  /** At most 24 entries. */
  readonly evidence: readonly CheckEvidence[];
  readonly durationMs: number;
}
