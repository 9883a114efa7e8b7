export interface NaiveTarEntry {
  readonly name: string;
  readonly type: string;
  readonly linkName: string;
  readonly contents: Uint8Array;
}

const blockBytes = 512;

/** What is in a ustar archive whose names are short. */
export function tarEntries(archive: Uint8Array): readonly NaiveTarEntry[] {
  const bytes = Buffer.from(archive);
  const entries: NaiveTarEntry[] = [];
  for (let at = 0; at < bytes.length && bytes[at] !== 0;) {
    const field = (from: number, length: number) =>
      bytes.toString("latin1", at + from, at + from + length).split("\0", 1)[0] ?? "";
    const size = Number.parseInt(field(124, 12), 8);
    const contents = bytes.subarray(at + blockBytes, at + blockBytes + size);
    entries.push({ name: field(0, 100), type: field(156, 1), linkName: field(157, 100), contents });
    at += blockBytes * (1 + Math.ceil(size / blockBytes));
  }
  return entries;
}
