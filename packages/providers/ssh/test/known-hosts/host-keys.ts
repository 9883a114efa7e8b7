import { createHash } from "node:crypto";

/** A public key as SSH packs it, which nobody has the private one of. */
export function madeUpKey(seed: string, type = "ssh-ed25519"): Buffer {
  const parts = [Buffer.from(type), createHash("sha256").update(seed).digest()];
  return Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      return [length, part];
    }),
  );
}

/** As it stands on a line of a known hosts file. */
export function keyText(key: Buffer): string {
  return `${key.toString("latin1", 4, 4 + key.readUInt32BE(0))} ${key.toString("base64")}`;
}
