import { Random } from "../engine/random.js";

/** The bytes in pieces, cut at places that the bytes themselves determine. */
export function piecesOf(bytes: Buffer): Buffer[] {
  const random = new Random(bytes.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), bytes.length));
  const longest = random.pick([1, 1, 2, 5, 16, 100, 4_096]);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = 1 + random.below(longest);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}
