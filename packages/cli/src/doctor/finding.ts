/** One thing that was looked at. */
export interface Finding {
  readonly name: string;
  /** `ok`: there. `lacking`: Mooring works with less. `missing`: nothing runs without it. */
  readonly status: "ok" | "lacking" | "missing";
  /** What was found. */
  readonly found: string;
  /** What follows from a lack. */
  readonly consequence?: string;
}
