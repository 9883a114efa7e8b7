import type { Findings } from "./findings.js";

export interface SuiteOptions {
  /** The large counts, instead of those for every change. */
  readonly isLong: boolean;
  /** Chooses random moments again. */
  readonly seed: number;
  /** Tells how far it is. */
  readonly print: (line: string) => void;
}

export interface SuiteOutcome {
  readonly findings: Findings;
  /** For the closing line: what was tried, and measured. */
  readonly figures: string;
}

export type Suite = (options: SuiteOptions) => Promise<SuiteOutcome>;
