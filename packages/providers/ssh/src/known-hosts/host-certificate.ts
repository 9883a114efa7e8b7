import { type Certificate, certificateType, parseStatement } from "../keys/certificate.js";
import { isSignedBy } from "../keys/signature.js";
import { matchesPatterns } from "../openssh/pattern-list.js";
import type { KnownHostsLine } from "./known-hosts-line.js";

/** The kinds of certificates that hosts are asked for. Of RSA there are none: the library cannot be told how their signatures are named. */
export const hostCertificateTypes: readonly string[] = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
].map(certificateType);

export interface CertifiedHost {
  /** As the certificate has to name it: never with a port. */
  readonly host: string;
  readonly authorities: readonly KnownHostsLine[];
}

/** The key of the authority that signed it; `undefined` when that cannot be read. */
export function authorityOf(certificate: Certificate): Buffer | undefined {
  return parseStatement(certificate)?.authority;
}

/**
 * What is wrong with a host's certificate, to go on after "its certificate"; `undefined` when one of the authorities vouches for
 * this host by it. One that names no host at all counts for none.
 */
export function certificateProblem(
  certificate: Certificate,
  { host, authorities }: CertifiedHost,
  nowMs = Date.now(),
): string | undefined {
  const statement = parseStatement(certificate);
  if (statement === undefined) return "cannot be read";
  const { authority, signed, signature, role, principals, validAfter, validBefore } = statement;
  if (!authorities.some(({ key }) => key.equals(authority)))
    return "is by an authority that is not known for this host";
  if (!isSignedBy(authority, signed, signature)) return "is not signed by the authority that it names";
  if (role !== "host") return "is none for a host";
  const now = BigInt(Math.floor(nowMs / 1000));
  if (now < validAfter) return "is not valid yet";
  if (now >= validBefore) return "has expired";
  if (statement.hasCriticalOptions) return "has conditions that are not understood";
  const isNamed = principals.some((principal) => !principal.startsWith("!") && matchesPatterns([principal], host));
  return isNamed ? undefined : `is for other hosts (${principals.join(", ") || "it names none"})`;
}
