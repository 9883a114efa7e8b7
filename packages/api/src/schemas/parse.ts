import type { StandardSchemaIssue, StandardSchemaV1 } from "../standard-schema.js";
import { RunnerError, type RunnerErrorOptions } from "../runner-error.js";
import { isSecretLikeKey } from "./secret-keys.js";
import { showable } from "./showable.js";

/** So many wrong fields are named; of the others it is told how many they are. */
const mostIssues = 8;
const mostIssueCharacters = 400;

/**
 * Parses untrusted input. Rejects with `invalid_request`, which names each field (the first few of many), what was expected of
 * it and what came; values under secret-like keys and long ones are not repeated. A value that cannot be read at all (its
 * getters throw, it holds itself, it is deeper than the stack) is refused in the same way.
 *
 * @param what names the whole value in messages: "destination", "config of unix-local"
 */
export async function parseUntrusted<Output>(
  schema: StandardSchemaV1<unknown, Output>,
  value: unknown,
  what: string,
  options: RunnerErrorOptions = {},
): Promise<Output> {
  const issues = await issuesOf(schema, value, what, options);
  if ("parsed" in issues) return issues.parsed;
  const named = issues.found.slice(0, mostIssues);
  const lines = named.map((issue) => showable(describeIssue(issue, value, what), mostIssueCharacters));
  const more = issues.found.length - named.length;
  if (more > 0) lines.push(`and ${more} more`);
  throw new RunnerError("invalid_request", lines.join("; "), {
    retryable: false,
    phase: "before_start",
    ...options,
    details: {
      ...options.details,
      issues: named.map((issue) => ({
        path: showable(pathOf(issue).map(String).join("."), mostIssueCharacters),
        message: showable(issue.message, mostIssueCharacters),
      })),
    },
  });
}

async function issuesOf<Output>(
  schema: StandardSchemaV1<unknown, Output>,
  value: unknown,
  what: string,
  options: RunnerErrorOptions,
): Promise<{ readonly parsed: Output } | { readonly found: readonly StandardSchemaIssue[] }> {
  try {
    const result = await schema["~standard"].validate(value);
    return result.issues === undefined ? { parsed: result.value } : { found: result.issues };
  } catch (cause) {
    throw new RunnerError("invalid_request", `Wrong ${showable(what)}: expected a value that can be read to its end`, {
      retryable: false,
      phase: "before_start",
      ...options,
      cause,
    });
  }
}

function describeIssue(issue: StandardSchemaIssue, value: unknown, what: string): string {
  const path = pathOf(issue);
  const field = path.length === 0 ? what : `\`${shownPath(path)}\` of ${what}`;
  if (issue.message.includes("looks like a secret")) return `Wrong ${field}: ${issue.message}`;
  return `Wrong ${field}: ${expectation(issue)}, got ${describeValueAt(path, valueAt(value, path))}`;
}

/** What came is told once, in our words: schema libraries add their own ("Invalid input", "received string"). */
function expectation(issue: StandardSchemaIssue): string {
  return issue.message.replace(/^Invalid input: /, "").replace(/, received [^,]*$/, "");
}

function pathOf(issue: StandardSchemaIssue): PropertyKey[] {
  return (issue.path ?? []).map((part) => (typeof part === "object" ? part.key : part));
}

/** Keys are as untrusted as values: the beginning of each is told, and of many the first and last. */
function shownPath(path: readonly PropertyKey[]): string {
  const names = path.map((key) => showable(String(key), 80));
  return (names.length <= 12 ? names : [...names.slice(0, 6), "...", ...names.slice(-5)]).join(".");
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== "object" || current === null) return undefined;
    // An own value only: what a prototype or a getter says is not what came.
    current = Object.getOwnPropertyDescriptor(current, key)?.value as unknown;
  }
  return current;
}

/** A value for an error message; of one that stands under a secret-like key only what it is, as it may be the secret itself. */
export function describeValueAt(path: readonly PropertyKey[], value: unknown): string {
  const mayBeSecret = path.some((key) => typeof key === "string" && isSecretLikeKey(key));
  return mayBeSecret && value !== null && typeof value !== "object" && value !== undefined
    ? `a ${typeof value}, which is not repeated here`
    : describeValue(value);
}

/** A value and its type for an error message: one line of at most 80 characters and a few, objects by their keys only. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object") {
    const keys = Object.keys(value).slice(0, 8).join(", ");
    return `an object with the keys ${keys === "" ? "(none)" : showable(keys, 80)}`;
  }
  const text = typeof value === "string" ? JSON.stringify(value.slice(0, 81)) : String(value as number);
  return `${showable(text, 80)} (${typeof value})`;
}
