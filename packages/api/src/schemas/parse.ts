import type { StandardSchemaIssue, StandardSchemaV1 } from "../standard-schema.js";
import { RunnerError, type RunnerErrorOptions } from "../runner-error.js";

/**
 * Parses untrusted input. Rejects with `invalid_request`, which names each field, what was expected of it and what
 * came; values under secret-like keys and long ones are not repeated.
 *
 * @param what names the whole value in messages: "destination", "config of unix-local"
 */
export async function parseUntrusted<Output>(
  schema: StandardSchemaV1<unknown, Output>,
  value: unknown,
  what: string,
  options: RunnerErrorOptions = {},
): Promise<Output> {
  const result = await schema["~standard"].validate(value);
  if (result.issues === undefined) return result.value;
  const lines = result.issues.map((issue) => describeIssue(issue, value, what));
  throw new RunnerError("invalid_request", lines.join("; "), {
    retryable: false,
    phase: "before_start",
    ...options,
    details: {
      ...options.details,
      issues: result.issues.map((issue) => ({ path: pathOf(issue).join("."), message: issue.message })),
    },
  });
}

function describeIssue(issue: StandardSchemaIssue, value: unknown, what: string): string {
  const path = pathOf(issue);
  const field = path.length === 0 ? what : `\`${path.join(".")}\` of ${what}`;
  if (issue.message.includes("looks like a secret")) return `Wrong ${field}: ${issue.message}`;
  return `Wrong ${field}: ${expectation(issue)}, got ${describeValue(valueAt(value, path))}`;
}

/** What came is told once, in our words: schema libraries add their own ("Invalid input", "received string"). */
function expectation(issue: StandardSchemaIssue): string {
  return issue.message.replace(/^Invalid input: /, "").replace(/, received [^,]*$/, "");
}

function pathOf(issue: StandardSchemaIssue): PropertyKey[] {
  return (issue.path ?? []).map((part) => (typeof part === "object" ? part.key : part));
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== "object" || current === null) return undefined;
    current = (current as Record<PropertyKey, unknown>)[key];
  }
  return current;
}

/** A value and its type for an error message: at most 80 characters, objects by their keys only. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object") {
    const keys = Object.keys(value).slice(0, 8).join(", ");
    return `an object with the keys ${keys === "" ? "(none)" : keys.slice(0, 80)}`;
  }
  const text = typeof value === "string" ? JSON.stringify(value) : String(value as number);
  return `${text.length > 80 ? `${text.slice(0, 77)}...` : text} (${typeof value})`;
}
