import { RunnerError, type RunnerErrorCode } from "@mooring/api";
import { requireThat, shortened, Violation } from "./violation.js";

const mostMessageCharacters = 4_096;
const mostDetailsCharacters = 65_536;
/** By Unicode's own classes; a line feed and a tab, which tell things apart, are let through. */
const unsafe = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u;

/** What became of a call: its value, or the code of its refusal. */
export type Outcome<Value> = { readonly value: Value } | { readonly error: RunnerError };

/** What an action gave or why it refused. Any error but a `RunnerError` with one of the codes is a violation. */
export function outcomeOf<Value>(codes: readonly RunnerErrorCode[], action: () => Value): Outcome<Value> {
  try {
    return { value: action() };
  } catch (error) {
    return { error: requireRefusal(error, codes) };
  }
}

export async function outcomeOfPromise<Value>(
  codes: readonly RunnerErrorCode[],
  promise: Promise<Value>,
): Promise<Outcome<Value>> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error: requireRefusal(error, codes) };
  }
}

/** The error, if it is one that untrusted input may cause, with a message that can be shown. */
export function requireRefusal(error: unknown, codes: readonly RunnerErrorCode[]): RunnerError {
  if (error instanceof Violation) throw error;
  if (!RunnerError.is(error)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new Violation(`Expected a RunnerError, got ${text}`);
  }
  requireThat(
    codes.includes(error.code),
    () => `Expected one of ${codes.join(", ")}, got ${error.code}: ${error.message}`,
  );
  requireShowable(error.message);
  const details = JSON.stringify(error.details ?? null);
  requireThat(details.length <= mostDetailsCharacters, () => `Details of ${details.length} characters`);
  return error;
}

/** Bounded, and free of what could steer a terminal. */
export function requireShowable(message: string): void {
  requireThat(
    message.length <= mostMessageCharacters,
    () => `A message of ${message.length} characters: ${shortened(message)}`,
  );
  requireThat(
    !unsafe.test(message),
    () => `A message with control characters: ${JSON.stringify(message.slice(0, 300))}`,
  );
}
