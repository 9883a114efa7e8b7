import { expect, test } from "vitest";
import { decideHostKey, expectedKeyTypes, type HostKeyExpectation } from "../../src/known-hosts/host-key-decision.js";
import { hostKeyError } from "../../src/known-hosts/host-key-error.js";
import { fingerprintOf } from "../../src/keys/fingerprint.js";
import { parseKnownHosts } from "../../src/known-hosts/known-hosts-line.js";
import { keyText, madeUpKey } from "./host-keys.js";

const key = madeUpKey("one");
const other = madeUpKey("two");

function expectation(text: string, more: Partial<HostKeyExpectation> = {}): HostKeyExpectation {
  return { host: "box", port: 22, alias: undefined, pinned: [], lines: parseKnownHosts(text, "/known"), ...more };
}

test.each([
  ["a key that is known", `box ${keyText(key)}`, {}, "accepted"],
  ["nothing known", "", {}, "unknown"],
  ["another host's key", `other ${keyText(key)}`, {}, "unknown"],
  ["another key", `box ${keyText(other)}`, {}, "changed"],
  ["a key of another kind", `box ${keyText(madeUpKey("one", "ssh-rsa"))}`, {}, "changed"],
  ["one of several keys", `box ${keyText(other)}\nbox ${keyText(key)}`, {}, "accepted"],
  ["a revoked key", `box ${keyText(key)}\n@revoked * ${keyText(key)}`, {}, "revoked"],
  ["another revoked key", `box ${keyText(key)}\n@revoked * ${keyText(other)}`, {}, "accepted"],
  ["a key that is an authority's", `@cert-authority box ${keyText(key)}`, {}, "unknown"],
  ["the port it is known on", `[box]:2222 ${keyText(key)}`, { port: 2222 }, "accepted"],
  ["the same host known on the usual port", `box ${keyText(key)}`, { port: 2222 }, "accepted"],
  ["another key on the usual port", `box ${keyText(other)}`, { port: 2222 }, "unknown"],
  ["the name that stands for it", `alias ${keyText(key)}`, { alias: "alias", port: 2222 }, "accepted"],
  ["its own name, where another stands for it", `box ${keyText(key)}`, { alias: "alias" }, "unknown"],
  ["a pinned fingerprint", "", { pinned: [fingerprintOf(key)] }, "accepted"],
  ["a pinned fingerprint with padding", "", { pinned: [`${fingerprintOf(key)}=`] }, "accepted"],
  ["a pinned key", "", { pinned: [`${keyText(key)} words`] }, "accepted"],
  ["another pinned key", `box ${keyText(key)}`, { pinned: [keyText(other)] }, "unpinned"],
  ["a pinned key that is revoked", `@revoked box ${keyText(key)}`, { pinned: [keyText(key)] }, "revoked"],
] as const)("%s: %#", (_, text, more, kind) => {
  expect(decideHostKey(key, expectation(text, more)).kind).toBe(kind);
});

test("kinds of keys that are known are asked for first", () => {
  const rsa = madeUpKey("one", "ssh-rsa");
  expect(expectedKeyTypes(expectation(`box ${keyText(rsa)}\nother ${keyText(key)}`))).toEqual(["ssh-rsa"]);
  expect(expectedKeyTypes(expectation(`box ${keyText(rsa)}`, { pinned: [keyText(key)] }))).toEqual(["ssh-ed25519"]);
});

function refusalOf(text: string, more: Partial<HostKeyExpectation> = {}) {
  const expected = expectation(text, more);
  const decision = decideHostKey(key, expected);
  if (decision.kind === "accepted") throw new Error("It was accepted");
  return hostKeyError(decision, key, expected, ["/known"]);
}

test("a refusal says what came and what to do, and is no matter of trying again", () => {
  const unknown = refusalOf("", { port: 2222 });
  expect(unknown.code).toBe("permission_denied");
  expect(unknown.retryable).toBe(false);
  expect(unknown.message).toContain(fingerprintOf(key));
  expect(unknown.message).toContain("ssh-keyscan -p 2222 box >> /known");
  const changed = refusalOf(`\nbox ${keyText(other)}`);
  expect(changed.message).toContain("ssh-keygen -R 'box' -f /known");
  expect(changed.message).toContain(`/known:2 has ssh-ed25519 ${fingerprintOf(other)}`);
  expect(changed.details).toMatchObject({ reason: "host_key_changed", fingerprint: fingerprintOf(key) });
  expect(refusalOf(`@cert-authority box ${keyText(other)}`).message).toContain("should have a certificate (/known:1)");
});
