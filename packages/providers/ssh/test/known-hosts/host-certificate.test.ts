import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { expect, test } from "vitest";
import { certificateType } from "../../src/keys/certificate.js";
import { wireNumber, wireString } from "../../src/keys/wire.js";
import {
  decideHostKey,
  expectedCertificateTypes,
  type HostKeyExpectation,
} from "../../src/known-hosts/host-key-decision.js";
import { hostKeyError } from "../../src/known-hosts/host-key-error.js";
import { fingerprintOf } from "../../src/keys/fingerprint.js";
import { parseKnownHosts } from "../../src/known-hosts/known-hosts-line.js";
import { keyText, madeUpKey } from "./host-keys.js";

const authority = newAuthority();
const stranger = newAuthority();
const hostKey = madeUpKey("the host's");
const nowSeconds = Math.floor(Date.now() / 1000);

function newAuthority(): { readonly key: Buffer; readonly privateKey: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const bytes = publicKey.export({ type: "spki", format: "der" }).subarray(-32);
  return { key: Buffer.concat([wireString("ssh-ed25519"), wireString(bytes)]), privateKey };
}

interface Said {
  readonly role?: number;
  readonly principals?: readonly string[];
  readonly validAfter?: number;
  readonly validBefore?: number;
  readonly critical?: Buffer;
  readonly by?: typeof authority;
  /** Who signs in the place of who is said to. */
  readonly forger?: typeof authority;
}

function certificate(said: Said = {}): Buffer {
  const { role = 2, principals = ["box"], critical = Buffer.alloc(0), by = authority, forger = by } = said;
  const { validAfter = nowSeconds - 60, validBefore = nowSeconds + 60 } = said;
  const body = Buffer.concat([
    wireString(certificateType("ssh-ed25519")),
    wireString("a nonce"),
    hostKey.subarray(4 + "ssh-ed25519".length),
    number64(1),
    wireNumber(role),
    wireString("its name"),
    wireString(Buffer.concat(principals.map(wireString))),
    number64(validAfter),
    number64(validBefore),
    wireString(critical),
    wireString(""),
    wireString(""),
    wireString(by.key),
  ]);
  const signature = Buffer.concat([wireString("ssh-ed25519"), wireString(sign(null, body, forger.privateKey))]);
  return Buffer.concat([body, wireString(signature)]);
}

function number64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

function expectation(text: string, more: Partial<HostKeyExpectation> = {}): HostKeyExpectation {
  return { host: "box", port: 2222, alias: undefined, pinned: [], lines: parseKnownHosts(text, "/known"), ...more };
}

const trusted = `@cert-authority [box]:2222 ${keyText(authority.key)}`;

test("A certificate of an authority for this host is as good as a known key", () => {
  for (const principals of [["box"], ["other", "box"], ["b?x"], ["*"], ["BOX"]]) {
    expect(decideHostKey(certificate({ principals }), expectation(trusted)).kind).toBe("accepted");
  }
  const alias = expectation(`@cert-authority * ${keyText(authority.key)}`, { alias: "alias" });
  expect(decideHostKey(certificate({ principals: ["alias"] }), alias).kind).toBe("accepted");
  expect(decideHostKey(certificate(), alias).kind).toBe("uncertified");
});

test.each([
  ["is by an authority that is not known for this host", {}, `@cert-authority other ${keyText(authority.key)}`],
  ["is by an authority that is not known for this host", { by: stranger }, trusted],
  ["is not signed by the authority that it names", { forger: stranger }, trusted],
  ["is none for a host", { role: 1 }, trusted],
  ["is none for a host", { role: 77 }, trusted],
  ["is not valid yet", { validAfter: nowSeconds + 60 }, trusted],
  ["has expired", { validBefore: nowSeconds }, trusted],
  ["has conditions that are not understood", { critical: wireString("x") }, trusted],
  ["is for other hosts (other, [box]:2222)", { principals: ["other", "[box]:2222"] }, trusted],
  ["is for other hosts (!other)", { principals: ["!other"] }, trusted],
  ["is for other hosts (it names none)", { principals: [] }, trusted],
] satisfies [string, Said, string][])("It %s: refused, %#", (problem, said, text) => {
  const expected = expectation(text);
  const shown = certificate(said);
  const decision = decideHostKey(shown, expected);
  if (decision.kind === "accepted") throw new Error("It was accepted");
  expect(decision).toEqual({ kind: "uncertified", problem });
  const error = hostKeyError(decision, shown, expected, []);
  expect(error.details).toMatchObject({ reason: "host_key_uncertified", fingerprint: fingerprintOf(hostKey) });
  expect(error.message).toContain(`its certificate ${problem}`);
});

test("One that is cut off or changed anywhere vouches for nothing", () => {
  const whole = certificate();
  for (let at = 0; at < whole.length; at++) {
    const changed = Buffer.from(whole);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(decideHostKey(changed, expectation(trusted)).kind).not.toBe("accepted");
    expect(decideHostKey(whole.subarray(0, at), expectation(trusted)).kind).not.toBe("accepted");
  }
  expect(decideHostKey(Buffer.concat([whole, Buffer.of(0)]), expectation(trusted)).kind).not.toBe("accepted");
});

test("What is revoked is no better for being certified; what is known or pinned is no worse", () => {
  const bad = certificate({ validBefore: nowSeconds });
  expect(decideHostKey(certificate(), expectation(`${trusted}\n@revoked * ${keyText(hostKey)}`)).kind).toBe("revoked");
  expect(decideHostKey(certificate(), expectation(`${trusted}\n@revoked * ${keyText(authority.key)}`)).kind).toBe(
    "revoked",
  );
  expect(decideHostKey(bad, expectation(`${trusted}\n[box]:2222 ${keyText(hostKey)}`)).kind).toBe("accepted");
  expect(decideHostKey(bad, expectation("", { pinned: [fingerprintOf(hostKey)] })).kind).toBe("accepted");
  expect(decideHostKey(certificate(), expectation(trusted, { pinned: [fingerprintOf(authority.key)] })).kind).toBe(
    "unpinned",
  );
});

test("Certificates are asked for where an authority may vouch for the host", () => {
  expect(expectedCertificateTypes(expectation(trusted))).toContain("ssh-ed25519-cert-v01@openssh.com");
  expect(expectedCertificateTypes(expectation(`@cert-authority other ${keyText(authority.key)}`))).toEqual([]);
  expect(expectedCertificateTypes(expectation(trusted, { pinned: [fingerprintOf(hostKey)] }))).toEqual([]);
});
