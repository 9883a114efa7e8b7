import type { KnownHostsLine } from "./known-hosts-line.js";
import { isAbout, knownHostName } from "./known-hosts-line.js";
import { parseCertificate } from "../keys/certificate.js";
import { fingerprintOf, keyTypeOf } from "../keys/fingerprint.js";
import { authorityOf, certificateProblem, hostCertificateTypes } from "./host-certificate.js";

/** What a host's key is compared with. */
export interface HostKeyExpectation {
  readonly host: string;
  readonly port: number;
  /** The name that stands for host and port in the known hosts, if the configuration gives one. */
  readonly alias: string | undefined;
  /** Fingerprints or public keys; when there are any, nothing else counts but revocation. */
  readonly pinned: readonly string[];
  readonly lines: readonly KnownHostsLine[];
}

export type HostKeyDecision =
  | { readonly kind: "accepted" }
  | { readonly kind: "unknown"; readonly authorities: readonly KnownHostsLine[] }
  | { readonly kind: "changed"; readonly known: readonly KnownHostsLine[] }
  | { readonly kind: "unpinned" }
  | { readonly kind: "uncertified"; readonly problem: string }
  | { readonly kind: "revoked"; readonly line: KnownHostsLine };

/** Whether this key, or certificate of one, may be a host's. */
export function decideHostKey(shown: Buffer, expectation: HostKeyExpectation): HostKeyDecision {
  const certificate = parseCertificate(shown);
  const key = certificate?.plainKey ?? shown;
  const lines = expectation.lines.filter((line) => isAbout(line, nameOf(expectation)));
  const authority = certificate === undefined ? undefined : authorityOf(certificate);
  const isMeant = (line: KnownHostsLine) =>
    line.key.equals(key) || (authority !== undefined && line.key.equals(authority));
  const revoked = lines.find((line) => line.marker === "revoked" && isMeant(line));
  if (revoked !== undefined) return { kind: "revoked", line: revoked };
  if (expectation.pinned.length > 0) {
    return expectation.pinned.some((pin) => isPinned(key, pin)) ? { kind: "accepted" } : { kind: "unpinned" };
  }
  const known = lines.filter((line) => line.marker === undefined);
  if (known.some((line) => line.key.equals(key))) return { kind: "accepted" };
  const authorities = lines.filter((line) => line.marker === "cert-authority");
  const host = expectation.alias ?? expectation.host;
  const problem = certificate === undefined ? undefined : certificateProblem(certificate, { host, authorities });
  if (certificate !== undefined && problem === undefined) return { kind: "accepted" };
  if (known.length > 0) return { kind: "changed", known };
  if (isKnownWithoutPort(key, expectation)) return { kind: "accepted" };
  return problem === undefined ? { kind: "unknown", authorities } : { kind: "uncertified", problem };
}

/** The name that the known hosts have for it. */
export function nameOf({ alias, host, port }: HostKeyExpectation): string {
  return alias ?? knownHostName(host, port);
}

/** The types of the keys that are known, which are asked for first: a host has several, and shows one. */
export function expectedKeyTypes(expectation: HostKeyExpectation): string[] {
  const pinned = expectation.pinned.filter((pin) => !pin.startsWith("SHA256:")).map((pin) => pin.split(" ")[0] ?? "");
  if (expectation.pinned.length > 0) return pinned;
  const name = nameOf(expectation);
  return expectation.lines
    .filter((line) => line.marker === undefined && isAbout(line, name))
    .map((line) => line.keyType);
}

/** The kinds of certificates that are asked for, before any plain key: where an authority may vouch for the host. */
export function expectedCertificateTypes(expectation: HostKeyExpectation): readonly string[] {
  const name = nameOf(expectation);
  const hasAuthority = expectation.lines.some((line) => line.marker === "cert-authority" && isAbout(line, name));
  return hasAuthority && expectation.pinned.length === 0 ? hostCertificateTypes : [];
}

/** As `ssh` does: the same key on another port of a host that is known. */
function isKnownWithoutPort(key: Buffer, { alias, host, port, lines }: HostKeyExpectation): boolean {
  if (alias !== undefined || port === 22) return false;
  const elsewhere = lines.filter((line) => isAbout(line, host) && line.key.equals(key));
  return elsewhere.length > 0 && elsewhere.every((line) => line.marker === undefined);
}

function isPinned(key: Buffer, pin: string): boolean {
  if (pin.startsWith("SHA256:")) return fingerprintOf(key) === pin.replace(/=+$/, "");
  const [keyType, base64 = ""] = pin.split(" ");
  return keyTypeOf(key) === keyType && Buffer.from(base64, "base64").equals(key);
}
