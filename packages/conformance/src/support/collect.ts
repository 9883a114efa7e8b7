import type { RunnerOutputChunk } from "@mooring/api";

export async function collectItems<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

export async function collectBytes(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(Buffer.concat(await collectItems(chunks)));
}

/** The bytes of one stream among chunks of both. */
export function bytesOfStream(chunks: readonly RunnerOutputChunk[], stream: RunnerOutputChunk["stream"]): Uint8Array {
  return new Uint8Array(Buffer.concat(chunks.filter((chunk) => chunk.stream === stream).map(({ bytes }) => bytes)));
}

/** Where chunks do not join: their offsets must be the sum of what came before, in each stream. */
export function misplacedChunks(chunks: readonly RunnerOutputChunk[]): string[] {
  const next = { stdout: 0, stderr: 0 };
  const misplaced: string[] = [];
  for (const { stream, offset, bytes } of chunks) {
    if (offset !== next[stream]) misplaced.push(`${stream} ${offset} instead of ${next[stream]}`);
    next[stream] = offset + bytes.length;
  }
  return misplaced;
}

/** A stream that gives these pieces. */
export function streamOf(...pieces: Uint8Array[]): ReadableStream<Uint8Array> {
  const waiting = [...pieces];
  return new ReadableStream({
    pull(controller) {
      const piece = waiting.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(piece);
    },
  });
}

/** All 256 byte values, in order. */
export function everyByte(): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, index) => index);
}

/** Bytes that repeat in no short period, the same for the same length. */
export function patternBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = 0x9e3779b9;
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

export function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
