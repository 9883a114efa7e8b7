import type { RemoteRunnerSession, RunnerCapabilities } from "@mooring/api";

/** What one operation of a race goes for. Paths are relative and absolute by turns. */
export interface RaceTarget {
  readonly session: RemoteRunnerSession;
  /** Counted from 0, unique in its race. */
  readonly index: number;
  /** A file that is there, inside and outside alike: in the gate, or the gate itself. */
  readonly file: string;
  /** The directory that is exchanged, or one beneath it; or a name in it. */
  readonly gate: (name?: string) => string;
  /** The directory in which the exchange takes place. */
  readonly around: string;
  /** A name that is never exchanged. */
  readonly aside: (name: string) => string;
  /** What an operation writes, so that it can be told whose it was. */
  readonly text: string;
}

/** One verb of the contract, and how a race uses it. */
export interface RaceVerb {
  readonly id: string;
  /** What a race proves, as the end of a sentence: "no ... goes through it". */
  readonly title: string;
  /** What the gate is in the shape in which a file and a link change places: that file, or a way to names beneath it. */
  readonly goesFor: "file" | "directory";
  /** Entries `entry-<index>` that each operation uses up: where they are, and what. */
  readonly stock?: { readonly at: "gate" | "aside"; readonly kind: "files" | "trees" };
  /** Why a session with these capabilities cannot race it. */
  readonly needs?: (capabilities: RunnerCapabilities) => string | undefined;
  /** Resolves with what the session saw. */
  readonly run: (target: RaceTarget) => Promise<unknown>;
}
