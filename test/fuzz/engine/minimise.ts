import { changedAt, objectOf, partAt } from "./mutate-json.js";
import { type EncodedInput, encodeInput, type FuzzTarget, type Json } from "./fuzz-target.js";

/** Whether a smaller input still does what the larger one did. */
export type StillFails = (input: EncodedInput) => Promise<boolean>;

/** The smallest input that still fails, as far as the tries and the time go. */
export async function minimise(
  target: FuzzTarget,
  input: EncodedInput,
  stillFails: StillFails,
  limits: { readonly tries: number; readonly milliseconds: number } = { tries: 2_000, milliseconds: 5_000 },
): Promise<EncodedInput> {
  const endsAt = performance.now() + limits.milliseconds;
  let smallest = input;
  let tries = limits.tries;
  for (let improved = true; improved;) {
    improved = false;
    for (const candidate of smaller(target, smallest)) {
      if (tries-- <= 0 || performance.now() > endsAt) return smallest;
      if (!(await stillFails(candidate))) continue;
      smallest = candidate;
      improved = true;
      break;
    }
  }
  return smallest;
}

function* smaller(target: FuzzTarget, input: EncodedInput): Generator<EncodedInput> {
  if (target.form === "bytes") return yield* smallerBytes(input);
  for (const value of smallerJson(JSON.parse(input.toString()) as Json)) {
    const encoded = encodeInput(target, value);
    if (encoded.length < input.length) yield encoded;
  }
}

function* smallerBytes(bytes: Buffer): Generator<Buffer> {
  for (let size = bytes.length; size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < bytes.length; at += size) {
      yield Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + size)]);
    }
  }
}

/** The value with one part of it left out or made simpler, the greatest parts first. */
function* smallerJson(value: Json): Generator<Json> {
  for (const path of pathsIn(value)) {
    for (const simpler of simplerParts(partAt(value, path))) yield changedAt(value, path, () => simpler);
  }
}

function* pathsIn(value: Json): Generator<(string | number)[]> {
  const waiting: (string | number)[][] = [[]];
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    yield path;
    const part = partAt(value, path);
    if (typeof part !== "object" || part === null) continue;
    const steps = Array.isArray(part) ? [...part.keys()] : Object.keys(part);
    for (const step of steps) waiting.push([...path, step]);
  }
}

function* simplerParts(part: Json): Generator<Json> {
  if (typeof part === "string") {
    for (let size = part.length; size >= 1; size = Math.floor(size / 2)) {
      for (let at = 0; at < part.length; at += size) yield part.slice(0, at) + part.slice(at + size);
    }
    return;
  }
  if (typeof part === "number" || typeof part === "boolean") return yield 0;
  if (part === null) return;
  yield 0;
  yield* Object.values(part as { readonly [key: string]: Json });
  if (Array.isArray(part)) {
    for (let size = part.length; size >= 1; size = Math.floor(size / 2)) {
      for (let at = 0; at < part.length; at += size) yield (part as readonly Json[]).toSpliced(at, size);
    }
    return;
  }
  const entries = Object.entries(part as { readonly [key: string]: Json });
  for (const index of entries.keys()) yield objectOf(entries.toSpliced(index, 1));
}
