import type { ParsedKey } from "ssh2";
import ssh2 from "ssh2";
import { type Certificate, certificateType } from "../keys/certificate.js";

const certificates = new WeakMap<object, { readonly signatureAlgorithm: string }>();

/** The certificate as a key that the library offers to a server: its own, but for the name and the bytes. */
export function certificateKey({ blob, plainType, plainKey }: Certificate): ParsedKey | undefined {
  const plain = ssh2.utils.parseKey(plainKey) as ParsedKey | Error | (ParsedKey | Error)[];
  if (plain instanceof Error || Array.isArray(plain)) return undefined;
  // SHA-1, which the plain name stands for, is refused by every server of these days.
  const algorithm = plainType === "ssh-rsa" ? "rsa-sha2-512" : plainType;
  const key = Object.create(plain, {
    type: { value: certificateType(algorithm) },
    getPublicSSH: { value: () => blob },
  }) as ParsedKey;
  certificates.set(key, { signatureAlgorithm: algorithm });
  return key;
}

/** How signatures by a certificate's key are named, if it is one of ours. */
export function certificateSignatureAlgorithm(key: unknown): string | undefined {
  return typeof key === "object" && key !== null ? certificates.get(key)?.signatureAlgorithm : undefined;
}
