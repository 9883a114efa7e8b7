import type { Readable, Writable } from "node:stream";
import { streamOfBytes } from "./file-read.js";

/** The writing half of a connection: closing it passes on the end and leaves the reading half open. */
export function writableEnd(target: Writable, fail: () => Error): WritableStream<Uint8Array> {
  return new WritableStream<Uint8Array>({
    write: (bytes) =>
      new Promise((resolve, reject) => {
        target.write(Uint8Array.from(bytes), (error) => {
          if (error) reject(fail());
          else resolve();
        });
      }),
    close: () =>
      new Promise((resolve) => {
        target.end(() => resolve());
        if (target.destroyed) resolve();
      }),
    abort: () => {
      target.destroy();
    },
  });
}

/** The reading half: its end leaves the writing half open. */
export function readableEnd(source: Readable): ReadableStream<Uint8Array> {
  const chunks = source.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer, void>;
  return streamOfBytes(
    async () => {
      try {
        const { done, value } = await chunks.next();
        return done === true ? undefined : value;
      } catch {
        // A connection that is cut is over.
        return undefined;
      }
    },
    async () => {
      source.destroy();
    },
  );
}
