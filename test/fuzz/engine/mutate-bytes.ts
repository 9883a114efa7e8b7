import type { Random } from "./random.js";

const interestingBytes = [0, 1, 0x09, 0x0a, 0x0d, 0x1b, 0x20, 0x2f, 0x7f, 0x80, 0xc3, 0xff] as const;
const interestingWords = [
  0, 1, 4, 5, 255, 256, 65_535, 65_536, 4_194_304, 4_194_305, 0x7fff_ffff, 0xffff_ffff,
] as const;
const mostBytes = 131_072;

type Change = (bytes: Buffer, random: Random, others: readonly Buffer[], words: readonly Buffer[]) => Buffer;

const changes: readonly Change[] = [
  (bytes, random) => replaced(bytes, random, (byte) => byte ^ (1 << random.below(8))),
  (bytes, random) => replaced(bytes, random, () => random.pick(interestingBytes)),
  (bytes, random) => replaced(bytes, random, () => random.below(256)),
  (bytes, random) => replaced(bytes, random, (byte) => byte + random.below(9) - 4),
  removed,
  repeated,
  swapped,
  (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  (bytes, random) => inserted(bytes, random, Buffer.of(random.pick(interestingBytes))),
  (bytes, random, _others, words) => (words.length === 0 ? bytes : inserted(bytes, random, random.pick(words))),
  wordReplaced,
  spliced,
  (bytes, random, others) => inserted(bytes, random, pieceOf(random.pick(others), random)),
];

/** A few changes, one upon the other. `others` is not empty: inputs to take pieces from. */
export function mutateBytes(
  input: Buffer,
  random: Random,
  others: readonly Buffer[],
  words: readonly Buffer[] = [],
): Buffer {
  let bytes = Buffer.from(input);
  for (let left = 1 + random.smallBelow(8); left > 0; left--) {
    bytes = Buffer.from(random.pick(changes)(bytes, random, others, words));
  }
  return bytes.subarray(0, mostBytes);
}

function replaced(bytes: Buffer, random: Random, change: (byte: number) => number): Buffer {
  if (bytes.length === 0) return Buffer.of(random.below(256));
  const at = random.below(bytes.length);
  bytes[at] = change(bytes[at] ?? 0) & 0xff;
  return bytes;
}

function removed(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.smallBelow(64))]);
}

function repeated(bytes: Buffer, random: Random): Buffer {
  const piece = pieceOf(bytes, random);
  const times = random.oneIn(50) ? 1_000 : 1 + random.smallBelow(8);
  if (piece.length * times > mostBytes) return bytes;
  return inserted(bytes, random, Buffer.concat(Array.from({ length: times }, () => piece)));
}

function swapped(bytes: Buffer, random: Random): Buffer {
  const [from, to] = [random.below(bytes.length + 1), random.below(bytes.length + 1)].toSorted(
    (left, right) => left - right,
  ) as [number, number];
  return Buffer.concat([bytes.subarray(to), bytes.subarray(from, to), bytes.subarray(0, from)]);
}

function wordReplaced(bytes: Buffer, random: Random): Buffer {
  if (bytes.length < 4) return bytes;
  const at = random.below(bytes.length - 3);
  const word = random.oneIn(2) ? random.pick(interestingWords) : bytes.readUInt32BE(at) + random.below(33) - 16;
  bytes.writeUInt32BE(word >>> 0, at);
  return bytes;
}

function spliced(bytes: Buffer, random: Random, others: readonly Buffer[]): Buffer {
  const other = random.pick(others);
  return Buffer.concat([
    bytes.subarray(0, random.below(bytes.length + 1)),
    other.subarray(random.below(other.length + 1)),
  ]);
}

function inserted(bytes: Buffer, random: Random, piece: Buffer): Buffer {
  const at = random.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
}

function pieceOf(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  return bytes.subarray(at, at + 1 + random.smallBelow(512));
}
