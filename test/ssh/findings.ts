import { RunnerError, type RunnerErrorCode } from "@mooring/api";

export interface CallExpectations<Value> {
  /** How long it may take; after that it counts as one that hangs. */
  readonly withinMs: number;
  /** With which codes it may reject. @default none: it must resolve */
  readonly codes?: readonly RunnerErrorCode[];
  /** What is wrong with a value that came. */
  readonly truth?: (value: Value) => string | undefined;
}

export type Outcome<Value> =
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "error"; readonly error: RunnerError }
  | { readonly kind: "violation" };

/** What a suite saw: how often it tried, and what should not have been. */
export class Findings {
  readonly violations: string[] = [];
  rounds = 0;
  calls = 0;
  slowestMs = 0;

  violation(text: string): void {
    this.violations.push(text);
  }

  /** Makes a call and judges how it settles. */
  async call<Value>(
    label: string,
    work: () => Promise<Value>,
    expectations: CallExpectations<Value>,
  ): Promise<Outcome<Value>> {
    const { withinMs, codes = [], truth } = expectations;
    this.calls += 1;
    const begin = performance.now();
    const settled = await settledWithin(withinMs, work);
    this.slowestMs = Math.max(this.slowestMs, performance.now() - begin);
    if (settled.kind === "pending") return this.#wrong(`${label} did not settle within ${withinMs} ms`);
    if (settled.kind === "value") {
      const untruth = truth?.(settled.value);
      return untruth === undefined ? settled : this.#wrong(`${label}: ${untruth}`);
    }
    const { error } = settled;
    if (!RunnerError.is(error)) return this.#wrong(`${label} rejected with no RunnerError but ${describeError(error)}`);
    if (!codes.includes(error.code)) return this.#wrong(`${label} rejected with ${describeError(error)}`);
    return { kind: "error", error };
  }

  add(other: Findings): void {
    this.violations.push(...other.violations);
    this.rounds += other.rounds;
    this.calls += other.calls;
    this.slowestMs = Math.max(this.slowestMs, other.slowestMs);
  }

  #wrong(text: string): { readonly kind: "violation" } {
    this.violation(text);
    return { kind: "violation" };
  }
}

export function describeError(error: unknown): string {
  if (RunnerError.is(error)) return `${error.code}: ${error.message}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

async function settledWithin<Value>(
  withinMs: number,
  work: () => Promise<Value>,
): Promise<{ kind: "value"; value: Value } | { kind: "error"; error: unknown } | { kind: "pending" }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<{ kind: "pending" }>((resolve) => {
    timer = setTimeout(() => resolve({ kind: "pending" }), withinMs);
  });
  // Within a promise: a call that throws instead of rejecting is told apart by nobody.
  const settled = new Promise<Value>((resolve) => resolve(work())).then(
    (value) => ({ kind: "value", value }) as const,
    (error: unknown) => ({ kind: "error", error }) as const,
  );
  const outcome = await Promise.race([settled, late]);
  clearTimeout(timer);
  return outcome;
}
