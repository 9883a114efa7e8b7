import { randomBytesFrom } from "./random.js";

/**
 * What a place's streams may carry instead of what was sent: by name, what becomes of one chunk. Two pieces mean that the second
 * goes behind the next chunk.
 */
export interface Garbage {
  readonly toFarSide: Readonly<Record<string, Garble>>;
  readonly fromFarSide: Readonly<Record<string, Garble>>;
}

/** What goes in the chunk's place, and what is held back until the next one has gone. `undefined`: not for this chunk. */
export type Garble = (chunk: Buffer, random: () => number) => Garbled | undefined;

export interface Garbled {
  readonly now: Buffer;
  readonly afterNext?: Buffer;
}

/** Of any bytes, whatever they mean. */
export const byteGarbage = {
  inserted: (chunk, random) => ({ now: Buffer.concat([randomBytesFrom(random, 16), chunk]) }),
  replaced: (chunk, random) => ({ now: randomBytesFrom(random, chunk.length) }),
} as const satisfies Readonly<Record<string, Garble>>;
