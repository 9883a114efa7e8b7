import { randomBytes } from "node:crypto";

/** Permissions and contents that only what lies outside has, so that nothing of it can be seen without being known. */
export interface OutsideMarks {
  /** A word in every file outside, and in some names there. */
  readonly canary: string;
  /** The contents of every file outside: longer than any inside. */
  readonly contents: string;
  readonly fileMode: number;
  readonly directoryMode: number;
}

export const insideText = "inside\n";

export function newMarks(): OutsideMarks {
  const canary = `canary${randomBytes(16).toString("hex")}`;
  return { canary, contents: canary.padEnd(3_001, "."), fileMode: 0o640, directoryMode: 0o751 };
}

/** What of the outside a result of an operation shows, in a word or two; `undefined` when it shows nothing. */
export function outsideIn(value: unknown, marks: OutsideMarks): string | undefined {
  if (typeof value === "string") return value.includes(marks.canary) ? "text from outside" : undefined;
  if (value instanceof Uint8Array) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).includes(marks.canary)
      ? "bytes from outside"
      : undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const seen = statusIn(value as { type?: unknown; mode?: unknown; sizeBytes?: unknown }, marks);
  if (seen !== undefined) return seen;
  for (const item of Object.values(value)) {
    const found = outsideIn(item, marks);
    if (found !== undefined) return found;
  }
  return undefined;
}

function statusIn(
  info: { readonly type?: unknown; readonly mode?: unknown; readonly sizeBytes?: unknown },
  marks: OutsideMarks,
): string | undefined {
  if (info.type === "file" && info.mode === marks.fileMode) return "the mode of a file outside";
  if (info.type === "file" && info.sizeBytes === marks.contents.length) return "the size of a file outside";
  if (info.type === "directory" && info.mode === marks.directoryMode) return "the mode of a directory outside";
  return undefined;
}
