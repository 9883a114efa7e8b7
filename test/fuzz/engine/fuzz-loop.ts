import fc from "fast-check";
import { readCorpus } from "./corpus.js";
import { Coverage } from "./coverage.js";
import { type EncodedInput, encodeInput, type Features, type FuzzTarget, type Json, seedsOf } from "./fuzz-target.js";
import { minimise } from "./minimise.js";
import { mutateBytes } from "./mutate-bytes.js";
import { mutateJson } from "./mutate-json.js";
import { Random, seedFor } from "./random.js";
import { tryInput } from "./try-input.js";
import type { Watchdog } from "./watchdog.js";

/** Asking what inputs reached is not cheap: so many times longer than that they are gathered before. */
const timesLonger = 5;
const leastBatchMs = 50;
const mostInBatch = 5_000;
/** Larger inputs are tried, and not built upon. */
const mostKeptBytes = 16_384;

export interface FuzzLimits {
  readonly inputs?: number;
  readonly milliseconds?: number;
}

export interface FuzzOptions extends FuzzLimits {
  readonly seed: number;
  /** Whether inputs that reach new code are built upon; without it a run depends on its seed alone. */
  readonly guided: boolean;
  readonly watchdog?: Watchdog;
}

export interface FuzzFailure {
  /** As small as it could be made. */
  readonly input: EncodedInput;
  readonly error: Error;
}

export interface FuzzReport {
  readonly inputs: number;
  /** What the corpus, and what was found, came to. */
  readonly corpus: readonly EncodedInput[];
  /** Of them, those that this run found. */
  readonly found: readonly EncodedInput[];
  readonly slowestMs: number;
  readonly failure?: FuzzFailure;
}

/** Tries the corpus and the seeds, and then inputs made from them, until a limit or a failure. */
export async function fuzz(target: FuzzTarget, options: FuzzOptions): Promise<FuzzReport> {
  await using shared = await target.open?.();
  void shared;
  return await new FuzzLoop(target, options).run();
}

class FuzzLoop {
  readonly #target: FuzzTarget;
  readonly #options: FuzzOptions;
  readonly #random: Random;
  readonly #startedAt = performance.now();
  readonly #corpus: EncodedInput[] = [];
  readonly #found: EncodedInput[] = [];
  readonly #features = new Set<string>();
  #fresh: EncodedInput[] = [];
  #inputs = 0;
  #slowestMs = 0;
  #batchMs = leastBatchMs;

  constructor(target: FuzzTarget, options: FuzzOptions) {
    this.#target = target;
    this.#options = options;
    this.#random = new Random(seedFor(options.seed, target.name));
  }

  async run(): Promise<FuzzReport> {
    using coverage =
      this.#options.guided && this.#target.covers.length > 0 ? new Coverage(this.#target.covers) : undefined;
    try {
      const known = [...seedsOf(this.#target), ...readCorpus(this.#target.name).map(({ input }) => input)];
      for (const input of known) {
        await this.#try(input);
        this.#corpus.push(input);
      }
      coverage?.sawNew({ remember: true });
      while (!this.#isOver()) {
        const batch = await this.#batch();
        if (coverage === undefined) continue;
        const askedAt = performance.now();
        const isNew = coverage.sawNew({ remember: false });
        this.#batchMs = Math.max(leastBatchMs, timesLonger * (performance.now() - askedAt));
        if (isNew) await this.#keepNew(coverage, batch);
      }
      return this.#report();
    } catch (error) {
      if (!(error instanceof FailedInput)) throw error;
      return { ...this.#report(), failure: await this.#smallestFailure(error) };
    }
  }

  #report(): FuzzReport {
    return { inputs: this.#inputs, corpus: this.#corpus, found: this.#found, slowestMs: this.#slowestMs };
  }

  #isOver(): boolean {
    const { inputs = Infinity, milliseconds = Infinity } = this.#options;
    return this.#inputs >= inputs || performance.now() - this.#startedAt >= milliseconds;
  }

  async #batch(): Promise<EncodedInput[]> {
    const batch: EncodedInput[] = [];
    const endsAt = performance.now() + this.#batchMs;
    while (!this.#isOver() && batch.length < mostInBatch && performance.now() < endsAt) {
      const input = this.#next();
      batch.push(input);
      const running = this.#try(input);
      if (running !== undefined) await running;
    }
    return batch;
  }

  #next(): EncodedInput {
    const { fresh } = this.#target;
    if (fresh !== undefined && (this.#corpus.length === 0 || this.#random.oneIn(8))) return this.#freshInput();
    // What came last reached furthest.
    const recent = this.#random.oneIn(3) && this.#found.length > 0 ? this.#found.slice(-16) : this.#corpus;
    return this.#changed(this.#random.pick(recent));
  }

  #freshInput(): EncodedInput {
    if (this.#fresh.length === 0) {
      const arbitrary: fc.Arbitrary<Buffer | Json> | undefined = this.#target.fresh;
      if (arbitrary === undefined) throw new Error(`${this.#target.name} makes no inputs of its own`);
      this.#fresh = fc
        .sample(arbitrary, { numRuns: 100, seed: this.#random.next() | 0 })
        .map((input) => encodeInput(this.#target, input));
    }
    return this.#fresh.pop() ?? Buffer.alloc(0);
  }

  #changed(parent: EncodedInput): EncodedInput {
    const other = this.#random.pick(this.#corpus);
    const target = this.#target;
    if (target.form === "bytes") return mutateBytes(parent, this.#random, [other], target.dictionary);
    const value = mutateJson(jsonOf(parent), this.#random, [jsonOf(other)], target.dictionary);
    return encodeInput(target, value);
  }

  /** A promise only where the target needs one. Throws a `FailedInput`. */
  #try(input: EncodedInput): Promise<void> | undefined {
    this.#inputs++;
    this.#options.watchdog?.begin(this.#target.name, input);
    const trial = tryInput(this.#target, input);
    const judge = ({ milliseconds, features, failure }: Awaited<typeof trial>) => {
      this.#options.watchdog?.end();
      if (failure !== undefined) throw new FailedInput(input, failure);
      this.#slowestMs = Math.max(this.#slowestMs, milliseconds);
      if (this.#options.guided) this.#learn(input, features);
    };
    if (trial instanceof Promise) return trial.then(judge);
    judge(trial);
    return undefined;
  }

  #learn(input: EncodedInput, features: Features): void {
    const before = this.#features.size;
    for (const feature of features) this.#features.add(feature);
    if (this.#features.size > before) this.#keep(input);
  }

  #keep(input: EncodedInput): void {
    if (input.length > mostKeptBytes) return;
    this.#corpus.push(input);
    this.#found.push(input);
  }

  /** Halves a batch until the inputs are found that reached something new. */
  async #keepNew(coverage: Coverage, batch: readonly EncodedInput[]): Promise<void> {
    coverage.clear();
    for (const input of batch) {
      const running = this.#try(input);
      if (running !== undefined) await running;
    }
    const single = batch.length === 1;
    if (!coverage.sawNew({ remember: single })) return;
    const [first] = batch;
    if (single && first !== undefined) return this.#keep(first);
    const middle = Math.ceil(batch.length / 2);
    await this.#keepNew(coverage, batch.slice(0, middle));
    await this.#keepNew(coverage, batch.slice(middle));
  }

  async #smallestFailure({ input, failure }: FailedInput): Promise<FuzzFailure> {
    let error = failure;
    const smallest = await minimise(this.#target, input, async (candidate) => {
      const trial = await tryInput(this.#target, candidate);
      if (trial.failure === undefined || kindOf(trial.failure) !== kindOf(failure)) return false;
      error = trial.failure;
      return true;
    });
    return { input: smallest, error };
  }
}

class FailedInput extends Error {
  readonly input: EncodedInput;
  readonly failure: Error;

  constructor(input: EncodedInput, failure: Error) {
    super(failure.message);
    this.input = input;
    this.failure = failure;
  }
}

/** Failures with the same beginning are taken for the same fault. */
function kindOf(error: Error): string {
  return `${error.name}: ${error.message.slice(0, 24)}`;
}

function jsonOf(input: EncodedInput): Json {
  return JSON.parse(input.toString()) as Json;
}
