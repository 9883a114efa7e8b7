import type { ParsedKey } from "ssh2";
import ssh2 from "ssh2";
import { keyTypeOf } from "../known-hosts/fingerprint.js";
import { WireReader, wireString } from "./wire.js";

const suffix = "-cert-v01@openssh.com";

/** How many fields the public key has between the nonce and what the authority says. */
const keyFields: Readonly<Record<string, number>> = {
  "ssh-rsa": 2,
  "ssh-ed25519": 1,
  "ecdsa-sha2-nistp256": 2,
  "ecdsa-sha2-nistp384": 2,
  "ecdsa-sha2-nistp521": 2,
};

/** A user's certificate, and the plain public key in it. */
export interface Certificate {
  readonly blob: Buffer;
  readonly plainType: string;
  readonly plainKey: Buffer;
}

/** Whether a public key is such a certificate. */
export function isCertificate(blob: Buffer): boolean {
  return keyTypeOf(blob).endsWith(suffix);
}

/** Reads a certificate; `undefined` for one of a kind that is not known, or that is broken. */
export function parseCertificate(blob: Buffer): Certificate | undefined {
  const type = keyTypeOf(blob);
  const plainType = type.endsWith(suffix) ? type.slice(0, -suffix.length) : "";
  const count = keyFields[plainType];
  if (count === undefined) return undefined;
  try {
    const reader = new WireReader(blob);
    reader.string();
    reader.string();
    const fields = Array.from({ length: count }, () => wireString(reader.string()));
    return { blob, plainType, plainKey: Buffer.concat([wireString(plainType), ...fields]) };
  } catch {
    return undefined;
  }
}

/** What stands on a line of a `.pub` file, as SSH packs it. */
export function publicKeyLine(text: string): Buffer | undefined {
  const [type, base64] = text.trim().split(/\s+/);
  if (type === undefined || base64 === undefined) return undefined;
  const blob = Buffer.from(base64, "base64");
  return keyTypeOf(blob) === type ? blob : undefined;
}

const certificates = new WeakMap<object, { readonly signatureAlgorithm: string }>();

/** The certificate as a key that the library offers to a server: its own, but for the name and the bytes. */
export function certificateKey({ blob, plainType, plainKey }: Certificate): ParsedKey | undefined {
  const plain = ssh2.utils.parseKey(plainKey) as ParsedKey | Error | (ParsedKey | Error)[];
  if (plain instanceof Error || Array.isArray(plain)) return undefined;
  // SHA-1, which the plain name stands for, is refused by every server of these days.
  const algorithm = plainType === "ssh-rsa" ? "rsa-sha2-512" : plainType;
  const key = Object.create(plain, {
    type: { value: `${algorithm}${suffix}` },
    getPublicSSH: { value: () => blob },
  }) as ParsedKey;
  certificates.set(key, { signatureAlgorithm: algorithm });
  return key;
}

/** How signatures by a certificate's key are named, if it is one of ours. */
export function certificateSignatureAlgorithm(key: unknown): string | undefined {
  return typeof key === "object" && key !== null ? certificates.get(key)?.signatureAlgorithm : undefined;
}
