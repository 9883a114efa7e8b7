import process from "node:process";
import { type EncodedInput, type Features, type FuzzTarget, runEncoded } from "./fuzz-target.js";

const usualLimitMs = 100;
/** A collection of garbage is not the input's: what seems slow is tried again, and its best time counts. */
const tries = 4;

export interface Trial {
  /** Of our own processor's time, or by the clock where that is less: on a busy machine an input also waits. */
  readonly milliseconds: number;
  readonly features: Features;
  /** What the target threw, or that it took too long. */
  readonly failure?: Error;
}

/** Runs one input. What runs in one go is not awaited, so that a quick target stays quick. */
export function tryInput(target: FuzzTarget, input: EncodedInput): Trial | Promise<Trial> {
  const first = tryOnce(target, input);
  const limitMs = target.limitMs ?? usualLimitMs;
  if (first instanceof Promise)
    return first.then((trial) => (isSlow(trial, limitMs) ? again(target, input, trial) : trial));
  return isSlow(first, limitMs) ? again(target, input, first) : first;
}

function isSlow({ milliseconds, failure }: Trial, limitMs: number): boolean {
  return failure === undefined && milliseconds > limitMs / 2;
}

async function again(target: FuzzTarget, input: EncodedInput, first: Trial): Promise<Trial> {
  const limitMs = target.limitMs ?? usualLimitMs;
  let best = first;
  for (let left = tries - 1; left > 0 && isSlow(best, limitMs); left--) {
    const trial = await tryOnce(target, input);
    if (trial.failure !== undefined) return trial;
    if (trial.milliseconds < best.milliseconds) best = trial;
  }
  if (best.milliseconds <= limitMs) return best;
  const took = Math.round(best.milliseconds);
  return { ...best, failure: new Error(`Expected an input to take at most ${limitMs} ms, it took ${took} ms`) };
}

function tryOnce(target: FuzzTarget, input: EncodedInput): Trial | Promise<Trial> {
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const over = (features: Features | void, failure?: unknown): Trial => ({
    milliseconds: Math.min(performance.now() - startedAt, cpuMsSince(cpuBefore)),
    features: features ?? [],
    ...(failure === undefined ? {} : { failure: toError(failure) }),
  });
  try {
    const running = runEncoded(target, input);
    if (!(running instanceof Promise)) return over(running);
    return running.then(
      (features) => over(features),
      (error: unknown) => over([], error ?? new Error("rejected with nothing")),
    );
  } catch (error) {
    return over([], error ?? new Error("threw nothing"));
  }
}

function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

function toError(value: unknown): Error {
  return value instanceof Error ? value : new Error(String(value));
}
