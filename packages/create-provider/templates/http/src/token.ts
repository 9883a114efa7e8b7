import { RunnerError, type SecretRef } from "@mooring/api";

/** Looks a secret up by its name. The value is used and not kept: not in state, errors or logs. */
export type SecretResolver = (reference: SecretRef) => Promise<string>;

/** The token that a reference names; `unauthenticated` when nobody knows it. */
export async function resolveToken(reference: SecretRef, resolve: SecretResolver | undefined): Promise<string> {
  if (resolve === undefined) throw unknown(reference, "nothing resolves secrets here: pass `resolveSecret`");
  let token: string;
  try {
    token = await resolve(reference);
  } catch (cause) {
    // The cause is kept for a program; its message may be anybody's words, and is not repeated.
    throw unknown(reference, "it was not found", cause);
  }
  // Else it could not go into a header, and the error that says so would show it.
  if (!/^[\x21-\x7e]+$/.test(token))
    throw unknown(reference, "its value is empty, or has characters that no token has");
  return token;
}

function unknown(reference: SecretRef, why: string, cause?: unknown): RunnerError {
  return new RunnerError("unauthenticated", `The secret ${reference.id} for the service is not known: ${why}`, {
    resource: "destination",
    phase: "before_start",
    retryable: false,
    cause,
  });
}
