import { requireThat } from "./violation.js";

const prototypes: readonly object[] = [
  Object.prototype,
  Array.prototype,
  Function.prototype,
  String.prototype,
  Map.prototype,
];
const keysBefore = prototypes.map((prototype) => Reflect.ownKeys(prototype).length);

/** Fails when something was put on a prototype that everything shares. */
export function requireNoPollution(): void {
  prototypes.forEach((prototype, index) => {
    const keys = Reflect.ownKeys(prototype);
    requireThat(keys.length === keysBefore[index], () => `A prototype was changed: ${keys.map(String).join(", ")}`);
  });
}

/** Fails when a parsed value, at any depth, got another prototype than JSON would give it. */
export function requirePlain(value: unknown, depth = 0): void {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array || depth > 200) return;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === null || prototype === Object.prototype || prototype === Array.prototype;
  requireThat(
    isPlain,
    () => `A parsed value has a prototype of its own, with ${Object.keys(prototype as object).join(", ")}`,
  );
  for (const item of Object.values(value)) requirePlain(item, depth + 1);
}
