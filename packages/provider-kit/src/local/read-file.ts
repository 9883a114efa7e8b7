import { close, closeSync, constants, open, openSync, readv, readvSync } from "node:fs";
import { open as openHandle } from "node:fs/promises";
import { RunnerError } from "@mooring/api";
import type { LocalEntry } from "./local-tree.js";
import { localError } from "./local-error.js";

/** It was a regular file: what stands there now must neither be waited for nor lead elsewhere. Windows has no such flags. */
const openFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Reads a small file straight to where its contents are wanted. Rejects with `conflict` for a file that has not the size that is
 * expected. By callbacks: thousands of files cost half of what promises of `node:fs/promises` do.
 */
export function readInto(entry: LocalEntry, place: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(readError(error, entry));
    open(entry.absolutePath, openFlags, (error, descriptor) => {
      if (error !== null) return fail(error);
      // One byte more than there should be tells that there is more.
      const beyond = Buffer.allocUnsafe(1);
      const next = (missing: Buffer) =>
        readv(descriptor, [missing, beyond], null, (failed, count) => {
          // A short answer is no end: only none at all is.
          if (failed === null && count > 0 && count < missing.length) return next(missing.subarray(count));
          close(descriptor, () => undefined);
          if (failed !== null) fail(failed);
          else if (count !== missing.length) reject(changed(entry));
          else resolve();
        });
      next(place);
    });
  });
}

/** The same, at once. */
export function readIntoAtOnce(entry: LocalEntry, place: Buffer): void {
  try {
    const descriptor = openSync(entry.absolutePath, openFlags);
    try {
      const beyond = Buffer.allocUnsafe(1);
      let missing = place;
      let count = readvSync(descriptor, [missing, beyond]);
      while (count > 0 && count < missing.length) {
        missing = missing.subarray(count);
        count = readvSync(descriptor, [missing, beyond]);
      }
      if (count !== missing.length) throw changed(entry);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw readError(error, entry);
  }
}

/** A file's bytes, piece by piece. Throws `conflict` when they are not as many as is expected. */
export async function* chunksOf(entry: LocalEntry, chunkBytes: number): AsyncGenerator<Buffer, void, undefined> {
  const file = await openHandle(entry.absolutePath, openFlags).catch((error: unknown) => {
    throw readError(error, entry);
  });
  try {
    let left = entry.sizeBytes;
    for (;;) {
      const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, left + 1));
      const { bytesRead } = await file.read(chunk, 0, chunk.length, null);
      if (bytesRead === 0 && left === 0) return;
      if (bytesRead === 0 || bytesRead > left) throw changed(entry);
      left -= bytesRead;
      yield chunk.subarray(0, bytesRead);
    }
  } catch (error) {
    throw readError(error, entry);
  } finally {
    await file.close();
  }
}

function readError(error: unknown, entry: LocalEntry): RunnerError {
  const { code } = error as NodeJS.ErrnoException;
  // A link, a directory or a socket has taken its place.
  if (code === "ELOOP" || code === "EISDIR" || code === "ENXIO") return changed(entry);
  return localError(error, entry.absolutePath, "read");
}

function changed(entry: LocalEntry): RunnerError {
  return new RunnerError("conflict", `${entry.path} changed while it was being copied`, {
    retryable: true,
    resource: "file",
  });
}
