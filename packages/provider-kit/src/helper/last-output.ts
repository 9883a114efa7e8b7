import type { Readable } from "node:stream";
import { printable } from "./handshake.js";

const keptBytes = 2_000;

/** Reads a stream to its end, so that it never blocks its writer, and remembers the last of it. */
export function lastOutput(stream: Readable): () => string {
  let kept: Buffer = Buffer.alloc(0);
  stream.on("data", (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk]).subarray(-keptBytes);
  });
  stream.on("error", () => undefined);
  return () => {
    const text = printable(kept.toString("utf8").trim());
    return text === "" ? "" : `; it said: ${text}`;
  };
}
