import type { Json } from "./fuzz-target.js";
import type { Random } from "./random.js";

/** A step into a value: a key, or an index. */
type Step = string | number;

const interestingKeys = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "then",
  "toJSON",
  "length",
  "",
  "\u001b[2J",
  "a\nb",
  "token",
  "id",
] as const;

const interestingValues: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  0.5,
  1e308,
  Number.MAX_SAFE_INTEGER + 1,
  "",
  "a",
  "..",
  "/",
  "\0",
  "\u001b[31mred",
  "\u202e",
  "\ud800",
  "ab\r\ncd",
  "__proto__",
  [],
  {},
  [[]],
  JSON.parse('{"__proto__":{"polluted":true}}') as Json,
  JSON.parse('{"constructor":{"prototype":{"polluted":true}}}') as Json,
];

/** A few changes of a value, one upon the other. `others` is not empty: values to take parts from. */
export function mutateJson(value: Json, random: Random, others: readonly Json[], words: readonly Json[] = []): Json {
  let changed = value;
  for (let left = 1 + random.smallBelow(5); left > 0; left--) changed = changeOnce(changed, random, others, words);
  return changed;
}

function changeOnce(value: Json, random: Random, others: readonly Json[], words: readonly Json[]): Json {
  const path = somewhere(value, random);
  return changedAt(value, path, (part) => {
    switch (random.below(10)) {
      case 0:
        return random.pick(interestingValues);
      case 1:
      case 2:
        return words.length === 0 ? random.pick(interestingValues) : random.pick(words);
      case 3: {
        const other = random.pick(others);
        return partAt(other, somewhere(other, random));
      }
      case 4:
        return wrapped(part, random);
      default:
        return changedPart(part, random, words);
    }
  });
}

function changedPart(part: Json, random: Random, words: readonly Json[]): Json {
  if (typeof part === "string") return changedText(part, random, words);
  if (typeof part === "number") {
    return random.pick([
      part + 1,
      part - 1,
      -part,
      part * 1_000,
      part / 3,
      part + 2 ** 32,
      Math.trunc(part),
      String(part),
    ]);
  }
  if (typeof part === "boolean") return !part;
  if (part === null) return random.pick(interestingValues);
  if (isList(part)) return changedList(part, random);
  return changedObject(part, random, words);
}

function changedText(text: string, random: Random, words: readonly Json[]): string {
  const at = random.below(text.length + 1);
  const [before, after] = [text.slice(0, at), text.slice(at)];
  switch (random.below(7)) {
    case 0:
      return before + after.slice(1 + random.smallBelow(8));
    case 1:
      return before + String.fromCharCode(random.below(random.oneIn(4) ? 0x1_0000 : 0x100)) + after;
    case 2:
      return (
        before + random.pick(["\0", "\n", "/", "..", "%", "\u001b", "é", "😀", "\ud800", "\u202e", "\\", "*"]) + after
      );
    case 3:
      return before + after.slice(0, 40).repeat(1 + random.smallBelow(random.oneIn(10) ? 400 : 8)) + after;
    case 4: {
      const word = words.length === 0 ? "" : random.pick(words);
      return typeof word === "string" ? before + word + after : before;
    }
    case 5:
      return text.toUpperCase();
    default:
      return `${after}${before}`;
  }
}

function changedList(list: readonly Json[], random: Random): Json {
  const at = random.below(list.length + 1);
  switch (random.below(4)) {
    case 0:
      return list.toSpliced(at, 1);
    case 1:
      return list.toSpliced(at, 0, random.pick(interestingValues));
    case 2:
      return list.length === 0 || list.length > 5_000
        ? list
        : [
            ...list,
            ...Array.from({ length: 1 + random.smallBelow(random.oneIn(10) ? 2_000 : 8) }, () => random.pick(list)),
          ];
    default:
      return list.toReversed();
  }
}

function changedObject(object: { readonly [key: string]: Json }, random: Random, words: readonly Json[]): Json {
  const entries = Object.entries(object);
  const at = random.below(entries.length + 1);
  const [key = "", value = null] = entries[at] ?? [];
  switch (random.below(4)) {
    case 0:
      return objectOf(entries.toSpliced(at, 1));
    case 1:
      return objectOf([...entries, [someKey(random, words), random.pick(interestingValues)]]);
    case 2:
      return objectOf(entries.toSpliced(at, 1, [someKey(random, words), value]));
    default:
      return objectOf([...entries, [`${key}${random.below(10)}`, value]]);
  }
}

function someKey(random: Random, words: readonly Json[]): string {
  const word = words.length > 0 && random.oneIn(2) ? random.pick(words) : undefined;
  return typeof word === "string" ? word : random.pick(interestingKeys);
}

function wrapped(part: Json, random: Random): Json {
  if (random.oneIn(20)) return nested(part, 1 + random.smallBelow(2_000));
  return random.oneIn(2) ? [part] : objectOf([[random.pick(interestingKeys), part]]);
}

function nested(part: Json, levels: number): Json {
  let value = part;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

/** The way to a part of the value, chosen anew at each level. */
function somewhere(value: Json, random: Random): Step[] {
  const path: Step[] = [];
  for (let part = value; ;) {
    const steps: Step[] = isList(part)
      ? [...part.keys()]
      : typeof part === "object" && part !== null
        ? Object.keys(part)
        : [];
    if (steps.length === 0 || random.oneIn(4) || path.length > 50) return path;
    const step = random.pick(steps);
    path.push(step);
    part = stepInto(part, step);
  }
}

export function partAt(value: Json, path: readonly Step[]): Json {
  return path.reduce(stepInto, value);
}

function stepInto(value: Json, step: Step): Json {
  return (value as { readonly [key: Step]: Json })[step] ?? null;
}

/** The value with one part of it made anew; nothing is changed in place. */
export function changedAt(value: Json, path: readonly Step[], change: (part: Json) => Json): Json {
  const [step, ...rest] = path;
  if (step === undefined) return change(value);
  if (isList(value)) return value.with(step as number, changedAt(value[step as number] ?? null, rest, change));
  return objectOf(
    Object.entries(value as object).map(([key, part]: [string, Json]) => [
      key,
      key === step ? changedAt(part, rest, change) : part,
    ]),
  );
}

/** As `JSON.parse` makes it: `__proto__` is a key like any other. */
export function objectOf(entries: readonly (readonly [string, Json])[]): Json {
  const object = {};
  for (const [key, value] of entries) {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return object;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
