import { RunnerError, type JsonObject, type JsonValue } from "@mooring/api";

/** Whatever was given as arguments, as JSON can carry it. */
export function toJson(value: unknown): JsonValue {
  try {
    const text = JSON.stringify(value);
    return text === undefined ? null : (JSON.parse(text) as JsonValue);
  } catch {
    return "[not JSON]";
  }
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
