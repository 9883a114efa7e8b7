import * as z from "zod";
import type { JsonObject, JsonValue } from "../json.js";

/** Deeper than any real configuration, and far from the end of the stack. */
const mostLevels = 500;

/** Comes first, as it ends where a value holds itself or goes on for ever. */
const endsSchema = z.custom<JsonValue>(
  (value) => hasEnd(value, mostLevels),
  `expected a value that JSON can carry, at most ${mostLevels} levels deep`,
);

export const jsonValueSchema: z.ZodType<JsonValue> = endsSchema.pipe(z.json());

export const jsonObjectSchema: z.ZodType<JsonObject> = z.record(z.string(), jsonValueSchema);

function hasEnd(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return value !== undefined;
  return levels > 0 && Object.values(value).every((item) => hasEnd(item, levels - 1));
}
