import type { Text } from "@mooring/api";

const encoder = new TextEncoder();
const exactDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A text's bytes: a string's UTF-8, or the bytes themselves. */
export function bytesOf(text: Text): Uint8Array {
  return typeof text === "string" ? encoder.encode(text) : text;
}

/** Bytes as a string of one character each, which can be compared, split and used as a key without loss. */
export function binaryOf(text: Text): string {
  return Buffer.from(bytesOf(text)).toString("latin1");
}

function bytesOfBinary(binary: string): Uint8Array {
  return new Uint8Array(Buffer.from(binary, "latin1"));
}

/** A path for people, and its exact bytes where it is no UTF-8. */
export function pathFields(binary: string): { path: string; pathBytes?: Uint8Array } {
  const bytes = bytesOfBinary(binary);
  try {
    return { path: exactDecoder.decode(bytes) };
  } catch {
    return { path: new TextDecoder().decode(bytes), pathBytes: bytes };
  }
}

export function concatenate(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
