import { createHash } from "node:crypto";
import type { EventDigest } from "./thread-event.js";

export function digestOf(text: string): EventDigest {
  const bytes = Buffer.from(text);
  return { sha256: createHash("sha256").update(bytes).digest("hex"), sizeBytes: bytes.length };
}
