import { createPublicKey, verify } from "node:crypto";
import type { ParsedKey } from "ssh2";
import ssh2 from "ssh2";
import { keyTypeOf } from "./fingerprint.js";
import { WireReader } from "./wire.js";

/** How signatures by a kind of key are named, and what is hashed before. SHA-1 is not among them. */
const signatureHashes: Readonly<Record<string, Readonly<Record<string, string | null>>>> = {
  "ssh-ed25519": { "ssh-ed25519": null },
  "ecdsa-sha2-nistp256": { "ecdsa-sha2-nistp256": "sha256" },
  "ecdsa-sha2-nistp384": { "ecdsa-sha2-nistp384": "sha384" },
  "ecdsa-sha2-nistp521": { "ecdsa-sha2-nistp521": "sha512" },
  "ssh-rsa": { "rsa-sha2-256": "sha256", "rsa-sha2-512": "sha512" },
};

/** Whether a signature, as SSH packs it, is by this key over this data. What cannot be read is none. */
export function isSignedBy(key: Buffer, data: Buffer, signature: Buffer): boolean {
  try {
    const reader = new WireReader(signature);
    const hash = signatureHashes[keyTypeOf(key)]?.[reader.string().toString("latin1")];
    const bytes = reader.string();
    if (hash === undefined || reader.rest().length > 0) return false;
    const parsed = ssh2.utils.parseKey(key) as ParsedKey | Error;
    if (parsed instanceof Error) return false;
    const isOfCurve = keyTypeOf(key).startsWith("ecdsa-");
    return verify(hash, data, createPublicKey(parsed.getPublicPEM()), isOfCurve ? asn1Signature(bytes) : bytes);
  } catch {
    return false;
  }
}

/** The two numbers of a signature by an elliptic curve, as ASN.1 packs them. */
function asn1Signature(packed: Buffer): Buffer {
  const reader = new WireReader(packed);
  const numbers = Buffer.concat([asn1(0x02, reader.string()), asn1(0x02, reader.string())]);
  return asn1(0x30, numbers);
}

function asn1(tag: number, contents: Buffer): Buffer {
  const length = contents.length < 0x80 ? [contents.length] : [0x81, contents.length];
  return Buffer.concat([Buffer.of(tag, ...length), contents]);
}
