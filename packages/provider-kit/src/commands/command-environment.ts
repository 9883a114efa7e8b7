import { RunnerError, type RunnerHost, type SecretRef } from "@mooring/api";
import { expected, invalidRequest } from "../errors/expected.js";

const none: readonly Uint8Array[] = [];

/**
 * Variables as `NAME=value`, in order and with duplicates. Values are never repeated in an error. Returns a promise only
 * when a secret has to be resolved.
 */
export function normalizeEnvironment(
  env: unknown,
  host: RunnerHost | undefined,
): readonly Uint8Array[] | Promise<readonly Uint8Array[]> {
  if (env === undefined) return none;
  const pairs = environmentPairs(env);
  if (pairs.every(([, value]) => typeof value === "string")) {
    return pairs.map(([name, value]) => variable(name, value));
  }
  return Promise.all(
    pairs.map(async ([name, value]) =>
      variable(name, typeof value === "string" ? value : await resolveSecret(value, `env.${name}`, host)),
    ),
  );
}

/** The value of a secret, or `invalid_request` when the host cannot say it. */
export async function resolveSecret(reference: unknown, option: string, host: RunnerHost | undefined): Promise<string> {
  if (!isSecretRef(reference)) throw wrongValue(option, reference);
  if (host?.resolveSecret === undefined) {
    throw invalidRequest(
      `Expected \`host.resolveSecret\` to be there for the secret "${reference.id}" of \`${option}\`, got nothing`,
      { details: { option } },
    );
  }
  let value: unknown;
  try {
    value = await host.resolveSecret(reference);
  } catch (cause) {
    if (RunnerError.is(cause)) throw cause;
    throw invalidRequest(`The host could not resolve the secret "${reference.id}" of \`${option}\``, {
      cause,
      details: { option },
    });
  }
  if (typeof value !== "string") {
    throw invalidRequest(
      `Expected the secret "${reference.id}" of \`${option}\` to be a string, got ${value === null ? "null" : typeof value}`,
      { details: { option } },
    );
  }
  return value;
}

function environmentPairs(env: unknown): (readonly [string, unknown])[] {
  if (Array.isArray(env)) {
    return env.map((pair: unknown, index) => {
      if (Array.isArray(pair) && pair.length === 2 && typeof pair[0] === "string") return [pair[0], pair[1] as unknown];
      throw invalidRequest(`Expected \`env[${index}]\` to be a pair [name, value]`, { details: { option: "env" } });
    });
  }
  if (typeof env === "object" && env !== null) return Object.entries(env);
  throw expected("env", "an object or an array of pairs", env);
}

/** One variable's bytes; the name and the value are checked. */
export function variable(name: string, value: unknown): Uint8Array {
  if (name === "" || name.includes("=") || name.includes("\0")) {
    throw expected("env", "made of names that are not empty and have no = and no NUL byte", name);
  }
  if (typeof value !== "string") throw wrongValue(`env.${name}`, value);
  if (value.includes("\0")) {
    throw invalidRequest(`Expected \`env.${name}\` to be without NUL bytes, got one with a NUL byte`, {
      details: { option: `env.${name}` },
    });
  }
  return Buffer.from(`${name}=${value}`, "utf8");
}

/** Says the type and not the value: what is in an environment may be secret. */
function wrongValue(option: string, value: unknown): RunnerError {
  return invalidRequest(
    `Expected \`${option}\` to be a string or a reference { id }, got ${value === null ? "null" : `a value of type ${typeof value}`}`,
    { details: { option } },
  );
}

function isSecretRef(value: unknown): value is SecretRef {
  return (
    typeof value === "object" && value !== null && "id" in value && typeof value.id === "string" && value.id !== ""
  );
}
