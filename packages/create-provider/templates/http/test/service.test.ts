import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { myPlace } from "../src/index.js";
import { statusError } from "../src/status-table.js";
import { testPlace } from "./place.js";

const { service, provider, facts } = await testPlace();
const { destination } = facts;

describe("a place behind an HTTP service", () => {
  it("takes its token from the session's host when the provider was given no way to resolve it", async () => {
    const host = { resolveSecret: async () => service.token };
    await using session = await myPlace().createSession(destination, { host });
    const result = await session.commands.run({ program: "echo", args: ["reached"] });
    expect(result.stdout.text()).toBe("reached\n");
  });

  it("is unauthenticated when nobody knows the token", async () => {
    await expect(myPlace().createSession(destination)).rejects.toMatchObject({
      code: "unauthenticated",
      message:
        "The secret my-place-token for the service is not known: nothing resolves secrets here: pass `resolveSecret`",
    });
  });

  it("is unauthenticated when the service refuses the token, and the token is in no part of the error", async () => {
    const wrong = myPlace({ resolveSecret: async () => "a-wrong-token" });
    const error: unknown = await wrong.createSession(destination).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "unauthenticated", message: "The service answered 401: GET /" });
    expect(inspect(error, { depth: 10 })).not.toContain("a-wrong-token");
  });

  it("keeps neither token nor configuration in a session's state", async () => {
    await using session = await provider.createSession(destination);
    expect(JSON.stringify(session.state())).not.toContain(service.token);
    expect(session.state().providerState).toEqual({});
  });

  it("is unavailable when nothing listens there", async () => {
    await using closed = await unheard();
    await closed[Symbol.asyncDispose]();
    const config = { ...destination.config, url: closed.url };
    await expect(provider.createSession({ ...destination, config })).rejects.toMatchObject({ code: "unavailable" });
  });

  it("ends an attempt at a service that never answers when its signal is aborted", async () => {
    await using silent = await unheard();
    const abort = new AbortController();
    const config = { ...destination.config, url: silent.url };
    const opening = provider.createSession({ ...destination, config }, { signal: abort.signal });
    await silent.asked;
    abort.abort();
    await expect(opening).rejects.toMatchObject({ code: "cancelled" });
  });
});

describe("the table of statuses", () => {
  it.each([
    [400, "invalid_request", false],
    [401, "unauthenticated", false],
    [403, "permission_denied", false],
    [404, "not_found", false],
    [409, "already_exists", false],
    [410, "ended", false],
    [413, "invalid_request", false],
    [429, "resource_exhausted", null],
    [500, "unavailable", null],
    [501, "unsupported", false],
    [503, "unavailable", null],
  ] as const)("%i is %s", (status, code, retryable) => {
    expect(statusError(status, "GET /")).toMatchObject({ code, retryable, details: { status } });
  });
});

/** A service that is asked and says nothing. */
async function unheard() {
  let tell: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const server = createServer(() => tell());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      if (!server.listening) return;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
