import { createHash } from "node:crypto";

/** As `ssh-keygen -l` prints it: `SHA256:` and base64 without padding. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/** The type that a public key names in itself, such as `ssh-ed25519`; empty when it has none. */
export function keyTypeOf(key: Buffer): string {
  if (key.length < 4) return "";
  const length = key.readUInt32BE(0);
  if (length === 0 || length > 64 || key.length < 4 + length) return "";
  const name = key.toString("latin1", 4, 4 + length);
  return /^[\x21-\x7e]+$/.test(name) ? name : "";
}
