/** What is exchanged for what, while the verbs go through it. */
export const raceShapes = [
  /** A directory on the path, and a link to a directory outside. */
  "directory-link",
  /** A file, or what is a file by turns, and a link to a file or directory outside. */
  "file-link",
  /** A directory on the path, and nothing. */
  "directory-missing",
  /** A directory on the path, and a file. */
  "directory-file",
  /** A directory further up, and a link to one outside that holds the same names. */
  "ancestor-link",
  /** The workspace itself, and a link to the directory outside. */
  "root-link",
] as const;

/** See `raceShapes`. */
export type RaceShape = (typeof raceShapes)[number];

/** How fast the two change places. */
export const raceAttackers = [
  /** As fast as the system calls go. */
  "tight",
  /** With a pause of 100 microseconds after each exchange. */
  "paced-100us",
  /** With a pause of 5 milliseconds. */
  "paced-5ms",
  /** By `mv`, `ln` and `rm` in a shell, in several steps: what anybody could type. */
  "shell",
] as const;

/** See `raceAttackers`. */
export type RaceAttacker = (typeof raceAttackers)[number];

/** What became of one verb against one attacker in one shape. JSON can carry it. */
export interface RaceResult {
  readonly verb: string;
  readonly shape: RaceShape;
  readonly attacker: RaceAttacker;
  /** How many were tried. */
  readonly operations: number;
  readonly succeeded: number;
  /** Rejected with a code that is right while the path changes: see `refusals`. */
  readonly refused: number;
  /** Each code with which operations were refused, and how many. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Rejected with anything else, or never settled. */
  readonly unexpected: number;
  /** Answers that showed what is outside, and entries outside that were changed, made, removed, or brought in. */
  readonly escapes: number;
  /** How many operations of this race had been started when the first escape came; `null` when none did. */
  readonly firstEscapeAt: number | null;
  /** How often the attacker exchanged the two while the operations ran. */
  readonly swaps: number;
  /** The attacker ended or stood still before the operations were done: the race proves nothing. */
  readonly idle: boolean;
  readonly durationMs: number;
  /** Bounded: the first escapes and the first unexpected errors, in words. */
  readonly notes: readonly string[];
  /** Why the race was not run; the counts are 0 then. */
  readonly skipped?: string;
}
