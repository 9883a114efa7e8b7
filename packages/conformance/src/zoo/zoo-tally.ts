import { percentile } from "./percentile.js";
import type { SceneOutcome } from "./scene.js";
import { lostOwnerEndings, type ZooEnding } from "./zoo-ending.js";

/** One kind of offspring against one ending. */
export interface ZooCell {
  readonly ending: ZooEnding;
  readonly kind: string;
  readonly commands: number;
  readonly survivors: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What the process zoo found. */
export interface ProcessZooReport {
  readonly cells: readonly ZooCell[];
  /** Commands that were ended. */
  readonly endings: number;
  readonly survivors: number;
  /** Of endings that somebody asked for or that a kill caused: 500 is the limit. */
  readonly p99Ms: number;
  /** Of endings by the loss of an owner. */
  readonly lostOwnerP99Ms: number;
  readonly lostOwnerLimitMs: number;
  /** Neighbours that were hurt, and whatever was told that is not true. Empty is the only pass. */
  readonly violations: readonly string[];
  /** What was not measured, and why. */
  readonly skipped: readonly string[];
}

/** From the call to the last process gone, with `graceMs` 0. */
export const endingLimitMs = 500;
const lostOwnerExtraMs = 1_000;

/** Counts what became of the animals. */
export class ZooTally {
  readonly #leaseMs: number;
  readonly #cells = new Map<string, { ending: ZooEnding; kind: string; survivors: number; times: number[] }>();
  readonly #violations: string[] = [];
  readonly #skipped: string[] = [];

  constructor(leaseMs: number) {
    this.#leaseMs = leaseMs;
  }

  limitOf(ending: ZooEnding): number {
    return lostOwnerEndings.includes(ending) ? this.#leaseMs + lostOwnerExtraMs : endingLimitMs;
  }

  skip(reason: string): void {
    this.#skipped.push(reason);
  }

  add(ending: ZooEnding, { animals, neighboursLost }: SceneOutcome): void {
    for (const { kind, goneAfterMs, wrong } of animals) {
      const key = `${ending} ${kind}`;
      const cell = this.#cells.get(key) ?? { ending, kind, survivors: 0, times: [] };
      this.#cells.set(key, cell);
      if (goneAfterMs === null) cell.survivors += 1;
      else cell.times.push(goneAfterMs);
      if (wrong !== undefined) this.#violations.push(`${ending}, ${kind}: ${wrong}`);
    }
    for (const lost of neighboursLost) this.#violations.push(`${ending}: ${lost}`);
  }

  line(ending: ZooEnding): string {
    const cells = [...this.#cells.values()].filter((cell) => cell.ending === ending);
    const times = cells.flatMap((cell) => cell.times);
    const survivors = cells.reduce((sum, cell) => sum + cell.survivors, 0);
    const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)].map(Math.round);
    const commands = times.length + survivors;
    return `${ending}: ${commands} commands ended, ${survivors} survivors, p50 ${p50} ms, p99 ${p99} ms`;
  }

  report(): ProcessZooReport {
    const cells = [...this.#cells.values()];
    const asked = cells.filter(({ ending }) => !lostOwnerEndings.includes(ending)).flatMap(({ times }) => times);
    const lost = cells.filter(({ ending }) => lostOwnerEndings.includes(ending)).flatMap(({ times }) => times);
    const survivors = cells.reduce((sum, cell) => sum + cell.survivors, 0);
    return {
      cells: cells.map(({ ending, kind, survivors: left, times }) => ({
        ending,
        kind,
        commands: times.length + left,
        survivors: left,
        p50Ms: percentile(times, 0.5),
        p99Ms: percentile(times, 0.99),
      })),
      endings: asked.length + lost.length + survivors,
      survivors,
      p99Ms: percentile(asked, 0.99),
      lostOwnerP99Ms: percentile(lost, 0.99),
      lostOwnerLimitMs: this.#leaseMs + lostOwnerExtraMs,
      violations: this.#violations,
      skipped: this.#skipped,
    };
  }
}
