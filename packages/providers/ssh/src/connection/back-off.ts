import { setTimeout as delay } from "node:timers/promises";
import { type Patience, patienceWith } from "./native-error.js";

const firstPauseMs = 100;
const longestPauseMs = 2_000;
/** For a place that refuses: a server that is being started again is there within this. */
const shortPatienceMs = 2_000;

/**
 * Tries again what failed for a reason that may pass, after a random part of a pause that doubles, so that many who
 * lost the same server do not come back at once. The last error is the caller's when the time is over.
 */
export async function withBackOff<Value>(limitMs: number, work: (leftMs: number) => Promise<Value>): Promise<Value> {
  const startedAt = performance.now();
  const limits: Readonly<Record<Patience, number>> = {
    none: 0,
    short: Math.min(shortPatienceMs, limitMs),
    long: limitMs,
  };
  for (let attempt = 0; ; attempt++) {
    try {
      return await work(Math.max(1, limitMs - (performance.now() - startedAt)));
    } catch (error) {
      const pauseMs = Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** attempt);
      if (performance.now() - startedAt + pauseMs >= limits[patienceWith(error)]) throw error;
      await delay(pauseMs);
    }
  }
}
