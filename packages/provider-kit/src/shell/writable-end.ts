import type { Writable } from "node:stream";

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
