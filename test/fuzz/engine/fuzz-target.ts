import type { Arbitrary } from "fast-check";

/** What JSON can say, and what an input of the form "json" is. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What a run saw besides code: an input that shows a new one is kept. Far sides tell by it what they did. */
export type Features = readonly string[];

interface TargetCommon<Input> {
  /** Also the name of its folder in the corpus. */
  readonly name: string;
  /** Parts of the paths of sources whose new lines make an input worth keeping; none for what is no JavaScript. */
  readonly covers: readonly string[];
  /** What is known to be valid, to be changed from there. */
  readonly seeds: readonly Input[];
  /** Inputs made from nothing. @default changes of the seeds alone */
  readonly fresh?: Arbitrary<Input>;
  /** Words and values that mean something here, for changes. @default [] */
  readonly dictionary?: readonly Input[];
  /** How long one input may take; more than the usual only where another process takes part. @default 100 */
  readonly limitMs?: number;
  /** How many inputs the tests try besides the corpus. */
  readonly testInputs: number;
  /** Makes what all inputs share; disposed of at the end. */
  open?(): Promise<AsyncDisposable>;
  /** Throws whatever is wrong. */
  run(input: Input): Features | void | Promise<Features | void>;
}

/** Something that takes untrusted input, and what must hold whatever it is given. */
export type FuzzTarget =
  | ({ readonly form: "bytes" } & TargetCommon<Buffer>)
  | ({ readonly form: "json" } & TargetCommon<Json>);

/** An input as it is kept: bytes, or JSON as text. */
export type EncodedInput = Buffer;

export function encodeInput(target: FuzzTarget, input: Buffer | Json): EncodedInput {
  return target.form === "bytes" ? (input as Buffer) : Buffer.from(JSON.stringify(input));
}

export function seedsOf(target: FuzzTarget): EncodedInput[] {
  return target.seeds.map((seed) => encodeInput(target, seed));
}

export function runEncoded(target: FuzzTarget, input: EncodedInput): Features | void | Promise<Features | void> {
  if (target.form === "bytes") return target.run(input);
  return target.run(JSON.parse(input.toString()) as Json);
}
