import type { Json } from "../engine/fuzz-target.js";
import { objectOf } from "../engine/mutate-json.js";

/** Values that no JSON text holds but a caller's program may, by the text that stands for each. */
const exotic: Readonly<Record<string, () => unknown>> = {
  "@undefined": () => undefined,
  "@nan": () => Number.NaN,
  "@infinity": () => Infinity,
  "@bigint": () => 12n,
  "@symbol": () => Symbol("s"),
  "@date": () => new Date(Number.NaN),
  "@map": () => new Map([["id", "x"]]),
  "@bytes": () => Uint8Array.of(0, 255),
  "@function": () => () => undefined,
  "@cycle": () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    return cycle;
  },
  "@null-prototype": () => Object.assign(Object.create(null) as object, { id: "x" }),
  "@inherited": () => Object.create({ id: "inherited", token: "inherited" }) as object,
  "@deep": () => {
    let value: unknown = "bottom";
    for (let level = 0; level < 3_000; level++) value = level % 2 === 0 ? [value] : { value };
    return value;
  },
  "@long": () => "long ".repeat(20_000),
  "@throws": () =>
    Object.defineProperty({}, "id", {
      enumerable: true,
      get() {
        throw new TypeError("a getter that throws");
      },
    }),
  "@sparse": () => Object.assign([], { 3: 1 }),
};

export const exoticWords: readonly Json[] = Object.keys(exotic);

/** The value with such texts replaced by what they stand for. */
export function revived(value: Json): unknown {
  if (typeof value === "string") return Object.hasOwn(exotic, value) ? exotic[value]?.() : value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map(revived);
  return objectOf(Object.entries(value).map(([key, part]: [string, Json]) => [key, revived(part) as Json]));
}
