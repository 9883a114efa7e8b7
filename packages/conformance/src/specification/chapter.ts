import type { RunnerCapabilities } from "@mooring/api";

type Claims = {
  [Facet in keyof RunnerCapabilities]: `${Facet}.${keyof RunnerCapabilities[Facet] & string}`;
};

/** A capability by its path, such as `commands.kill`. */
export type CapabilityName = Claims[keyof Claims];

/** One thing that whoever uses a session may rely on. */
export interface SpecificationPromise {
  /** `P` and a number, given once: a promise that goes takes its number with it. */
  readonly id: `P${number}`;
  /** What holds, in a sentence or two. */
  readonly text: string;
  /** The claim that the promise makes true, where it belongs to one. */
  readonly capability?: CapabilityName;
  /** The checks that hold it, by id; one `*` in it stands for any part. Each must name a check. */
  readonly checks: readonly [string, ...string[]];
}

/** Promises about one subject. */
export interface SpecificationChapter {
  readonly title: string;
  readonly promises: readonly [SpecificationPromise, ...SpecificationPromise[]];
}
