import type { RaceShape } from "./race-result.js";

/** How many files the verbs that read or replace one take in turn, so that operations at the same time differ. */
export const laneFiles = 8;

/** The names of one race: each is there inside and outside alike. Relative to the directory that holds both. */
export interface RacePlace {
  readonly shape: RaceShape;
  /** The race's own directory, under `workspace` and under `outside`. */
  readonly name: string;
  /** Under the race's directory: what verbs walk that meet the exchange on their way. */
  readonly around: string;
  /** Under the race's directory: what verbs go through, or the very file. */
  readonly gate: string;
  /** What changes places, and the name that it changes places with. */
  readonly pair: readonly [one: string, other: string];
  /** What the link says; absent where no link is in play. */
  readonly link?: string;
}

/** Where a shape's exchange takes place, for a race of this name. */
export function racePlace(shape: RaceShape, name: string): RacePlace {
  const around = "in";
  const beside = `workspace/${name}/${around}`;
  const plain = {
    shape,
    name,
    around,
    gate: `${around}/gate`,
    pair: [`${beside}/gate`, `${beside}/hidden`],
  } as const;
  switch (shape) {
    case "directory-link":
    case "file-link":
      return { ...plain, link: `../../../outside/${name}/${around}/gate` };
    case "directory-missing":
    case "directory-file":
      return plain;
    case "ancestor-link":
      return {
        ...plain,
        gate: `${around}/top/middle/gate`,
        pair: [`${beside}/top`, `${beside}/hidden`],
        link: `../../../outside/${name}/${around}/top`,
      };
    case "root-link":
      return { ...plain, pair: ["workspace", "away"], link: "outside" };
  }
}
