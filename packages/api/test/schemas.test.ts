import {
  describeValue,
  isSecretLikeKey,
  parseUntrusted,
  runnerCapabilitiesSchema,
  runnerCapabilityModes,
  weakestRunnerCapabilities,
  runnerDestinationSchema,
  RunnerError,
  runnerSessionStateSchema,
  runnerSnapshotRefSchema,
  threadRunnerBindingSchema,
} from "@mooring/api";
import { describe, expect, it } from "vitest";

const state = {
  version: 1,
  providerId: "unix-local",
  sessionId: "s-1",
  destinationId: "here",
  workspace: "/srv/app",
};

function deep(levels: number): unknown {
  let value: unknown = null;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

async function messageOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!RunnerError.is(error)) throw new Error("expected a RunnerError");
  expect(error).toMatchObject({ code: "invalid_request", retryable: false, phase: "before_start" });
  return error.message;
}

describe("untrusted input", () => {
  it("names the field, what was expected and what came", async () => {
    const value = { id: "here", providerId: "Unix Local" };
    expect(await messageOf(parseUntrusted(runnerDestinationSchema, value, "destination"))).toBe(
      'Wrong `providerId` of destination: expected a lower-case letter and then at most 63 lower-case letters, digits or dashes, got "Unix Local" (string)',
    );
  });

  it("tells once what came, whatever the schema's library says", async () => {
    const value = { id: "here", providerId: "p", requirements: { cpus: "many" } };
    expect(await messageOf(parseUntrusted(runnerDestinationSchema, value, "destination"))).toBe(
      'Wrong `requirements.cpus` of destination: expected number, got "many" (string)',
    );
  });

  it("names every wrong field at once", async () => {
    const binding = {
      destination: { id: "", providerId: "p" },
      workspace: "srv",
      readRoots: ["/ok", "no"],
    };
    const message = await messageOf(parseUntrusted(threadRunnerBindingSchema, binding, "binding"));
    expect(message).toContain("Wrong `destination.id` of binding");
    expect(message).toContain("Wrong `workspace` of binding: expected an absolute path");
    expect(message).toContain("Wrong `readRoots.1` of binding");
  });

  it("does not repeat what stands under a secret-like key", async () => {
    const value = { id: "here", providerId: "p", config: { deep: [{ apiToken: "hunter2" }] } };
    const message = await messageOf(parseUntrusted(runnerDestinationSchema, value, "destination"));
    expect(message).toContain('Wrong `config.deep.0.apiToken` of destination: "apiToken" looks like');
    expect(message).not.toContain("hunter2");
  });

  it("spells out what could steer a terminal, in values and in keys", async () => {
    const value = { id: "here", providerId: "a\u202eb\u009b", defaultManifest: { entries: [{ "k\u001b[2J\n": 1 }] } };
    const message = await messageOf(parseUntrusted(runnerDestinationSchema, value, "destination"));
    expect(message).toContain(String.raw`got "a\u202eb\u009b" (string)`);
    expect(message).toMatch(/^[\x20-\x7e]*$/);
    const strict = { id: "here", providerId: "p", requirements: { "\u001b[2J": 1 } };
    expect(await messageOf(parseUntrusted(runnerDestinationSchema, strict, "destination"))).toMatch(/^[\x20-\x7e]*$/);
  });

  it("names the first few of very many wrong fields, each shortly", async () => {
    const entries = Array.from({ length: 5_000 }, () => ({ ["k".repeat(10_000)]: 1 }));
    const value = { id: "here", providerId: "p", defaultManifest: { entries } };
    const error: unknown = await parseUntrusted(runnerDestinationSchema, value, "destination").catch(
      (reason) => reason,
    );
    if (!RunnerError.is(error)) throw new Error("expected a RunnerError");
    expect(error.message).toMatch(/; and 14992 more$/);
    expect(error.message.length).toBeLessThan(4_000);
    expect(JSON.stringify(error.details).length).toBeLessThan(8_000);
  });

  it("refuses a value that cannot be read", async () => {
    const value = {
      id: "here",
      get providerId() {
        throw new TypeError("no");
      },
    };
    expect(await messageOf(parseUntrusted(runnerDestinationSchema, value, "destination"))).toBe(
      "Wrong destination: expected a value that can be read to its end",
    );
  });

  it("refuses JSON that holds itself wherever free JSON may stand, and JSON without an end", async () => {
    const metadata: Record<string, unknown> = {};
    metadata["self"] = metadata;
    const reference = { providerId: "p", snapshotId: "s" };
    const expectation = "expected a value that JSON can carry, at most 500 levels deep";
    for (const value of [metadata, deep(501), deep(100_000)]) {
      expect(
        await messageOf(parseUntrusted(runnerSnapshotRefSchema, { ...reference, metadata: value }, "snapshot")),
      ).toContain(`Wrong \`metadata\` of snapshot: ${expectation}`);
    }
    const kept = await parseUntrusted(runnerSnapshotRefSchema, { ...reference, metadata: deep(500) }, "snapshot");
    expect(JSON.stringify(kept.metadata)).toHaveLength(1_004);
  });

  it("refuses a requirement that is not known", async () => {
    const value = { id: "here", providerId: "p", requirements: { gpus: 1 } };
    const message = await messageOf(parseUntrusted(runnerDestinationSchema, value, "destination"));
    expect(message).toContain("Wrong `requirements` of destination");
    expect(message).toContain("gpus");
  });

  it.each([
    [undefined, "nothing"],
    [null, "null"],
    [[1, 2], "an array of 2"],
    [{ a: 1 }, "an object with the keys a"],
    [{}, "an object with the keys (none)"],
    ["x", '"x" (string)'],
    [3, "3 (number)"],
    ["y".repeat(200), `"${"y".repeat(76)}... (string)`],
  ])("describes %j shortly", (value, expected) => {
    expect(describeValue(value)).toBe(expected);
  });
});

describe("secret-like keys", () => {
  it.each([
    "token",
    "apiKey",
    "api_key",
    "API-KEY",
    "AWS_SECRET_ACCESS_KEY",
    "clientSecret",
    "password",
    "dbPassword",
    "passphrase",
    "credentials",
    "authorization",
    "privateKey",
    "signing_key",
  ])("are known: %s", (key) => {
    expect(isSecretLikeKey(key)).toBe(true);
  });

  it.each([
    "root",
    "key",
    "keyboard",
    "monkey",
    "tokenizer",
    "secretary",
    "tokenFile",
    "password_env",
    "secretRef",
    "credentialId",
    "publicKeyPath",
    "",
  ])("are not: %s", (key) => {
    expect(isSecretLikeKey(key)).toBe(false);
  });

  it("may hold a reference", async () => {
    const value = { id: "here", providerId: "p", config: { token: { id: "box-token" } } };
    const destination = await parseUntrusted(runnerDestinationSchema, value, "destination");
    expect(destination.config).toEqual({ token: { id: "box-token" } });
  });
});

describe("capabilities as JSON", () => {
  it("count what is not there as the weakest", () => {
    const capabilities = runnerCapabilitiesSchema.parse({});
    expect(capabilities).toEqual(weakestRunnerCapabilities);
    for (const [facet, fields] of Object.entries(runnerCapabilityModes)) {
      for (const [field, modes] of Object.entries(fields)) {
        expect(capabilities).toHaveProperty([facet, field], modes.at(-1));
      }
    }
  });

  it("count a mode that is not known as the weakest, and keep those that are", () => {
    const capabilities = runnerCapabilitiesSchema.parse({
      commands: { kill: "galaxy", output: "bytes" },
      files: { confinement: "perfect" },
      future: { field: "mode" },
    });
    expect(capabilities.commands).toMatchObject({ kill: "none", output: "bytes" });
    expect(capabilities.files.confinement).toBe("advisory");
    expect(capabilities).not.toHaveProperty("future");
  });
});

describe("a stored session state", () => {
  it("gets its defaults", () => {
    expect(runnerSessionStateSchema.parse(state)).toEqual({
      ...state,
      snapshot: null,
      metadata: null,
      providerState: {},
    });
  });

  it.each([
    ["another version", { version: 2 }],
    ["no version", { version: undefined }],
    ["a relative workspace", { workspace: "srv" }],
    ["a session id that leaves its directory", { sessionId: "../x" }],
    ["a session id that begins with a dot", { sessionId: ".x" }],
    ["a session id that is too long", { sessionId: "x".repeat(129) }],
    ["a provider's id in capitals", { providerId: "Docker" }],
    ["an empty destination id", { destinationId: "" }],
    ["a provider's own part that is no object", { providerState: [] }],
    ["more than 64 kB", { metadata: "x".repeat(65_536) }],
  ])("is refused with %s", (_what, change) => {
    expect(runnerSessionStateSchema.safeParse({ ...state, ...change }).success).toBe(false);
  });
});
