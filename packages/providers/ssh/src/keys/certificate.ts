import { keyTypeOf } from "./fingerprint.js";
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

/** A certificate, and the plain public key in it. Nothing of it is checked. */
export interface Certificate {
  readonly blob: Buffer;
  readonly plainType: string;
  readonly plainKey: Buffer;
  /** What the authority says of the key, as it is packed. */
  readonly statement: Buffer;
}

/** What an authority says of a key. */
export interface CertificateStatement {
  /** Whom it is for; `undefined` for what is neither. */
  readonly role: "user" | "host" | undefined;
  readonly principals: readonly string[];
  /** Seconds since 1970: from the first on, and before the second. */
  readonly validAfter: bigint;
  readonly validBefore: bigint;
  readonly hasCriticalOptions: boolean;
  readonly authority: Buffer;
  /** What the authority signed: all that is before the signature. */
  readonly signed: Buffer;
  readonly signature: Buffer;
}

/** The name of certificates of a kind of key. */
export function certificateType(plainType: string): string {
  return `${plainType}${suffix}`;
}

/** Whether a public key is such a certificate. */
export function isCertificate(blob: Buffer): boolean {
  return keyTypeOf(blob).endsWith(suffix);
}

/** The key that a host shows or a user has, without what an authority says of it. */
export function plainKeyOf(blob: Buffer): Buffer {
  return parseCertificate(blob)?.plainKey ?? blob;
}

/** Reads a certificate; `undefined` for what is none, is of a kind that is not known, or is broken. */
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
    return { blob, plainType, plainKey: Buffer.concat([wireString(plainType), ...fields]), statement: reader.rest() };
  } catch {
    return undefined;
  }
}

/** Reads what the authority says; `undefined` when that is broken. */
export function parseStatement({ blob, statement }: Certificate): CertificateStatement | undefined {
  try {
    const reader = new WireReader(statement);
    reader.bigNumber();
    const role = ([undefined, "user", "host"] as const)[reader.number()];
    reader.string();
    const principals = strings(reader.string());
    const [validAfter, validBefore] = [reader.bigNumber(), reader.bigNumber()];
    const hasCriticalOptions = reader.string().length > 0;
    reader.string();
    reader.string();
    const authority = reader.string();
    const signed = blob.subarray(0, blob.length - reader.rest().length);
    const signature = reader.string();
    if (reader.rest().length > 0) return undefined;
    return { role, principals, validAfter, validBefore, hasCriticalOptions, authority, signed, signature };
  } catch {
    return undefined;
  }
}

function strings(packed: Buffer): string[] {
  const reader = new WireReader(packed);
  const found: string[] = [];
  while (reader.rest().length > 0) found.push(reader.string().toString("utf8"));
  return found;
}

/** What stands on a line of a `.pub` file, as SSH packs it. */
export function publicKeyLine(text: string): Buffer | undefined {
  const [type, base64] = text.trim().split(/\s+/);
  if (type === undefined || base64 === undefined) return undefined;
  const blob = Buffer.from(base64, "base64");
  return keyTypeOf(blob) === type ? blob : undefined;
}
