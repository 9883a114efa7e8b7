import { RunnerError, type JsonObject, type JsonValue } from "@mooring/api";

/** Deeper than any arguments that mean something, and far from the end of the stack for whoever goes through them. */
const mostLevels = 500;

/** Whatever was given as arguments, as JSON can carry it. */
export function toJson(value: unknown): JsonValue {
  try {
    const text = JSON.stringify(value);
    if (text === undefined) return null;
    const json = JSON.parse(text) as JsonValue;
    return isWithin(json, mostLevels) ? json : "[JSON of very many levels]";
  } catch {
    return "[not JSON]";
  }
}

function isWithin(value: JsonValue, levels: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return levels > 0 && Object.values(value).every((item) => isWithin(item, levels - 1));
}

/** An error as it stands in an event: without cause and stack, and only the first line of what it says: contents follow after. */
export function errorToJson(error: unknown): JsonObject {
  if (!RunnerError.is(error)) {
    return { name: "Error", message: firstLine(error instanceof Error ? error.message : String(error)) };
  }
  return { ...error.toJSON(), message: firstLine(error.message) };
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}
