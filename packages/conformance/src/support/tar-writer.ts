/** One entry of a tar archive, as hostile as a test needs it: nothing is checked. */
export interface TarEntry {
  readonly name: string;
  /** `0` file, `1` hard link, `2` symbolic link, `3` device, `5` directory, `6` FIFO. @default "0" */
  readonly type?: string;
  readonly contents?: string;
  readonly linkName?: string;
  readonly mode?: number;
  /** What the header says of the contents' length. @default the truth */
  readonly sizeBytes?: number;
}

const blockBytes = 512;

/** A ustar archive of these entries. */
export function writeTar(entries: readonly TarEntry[]): Uint8Array {
  const blocks = entries.flatMap((entry) => {
    const contents = Buffer.from(entry.contents ?? "");
    const padding = Buffer.alloc((blockBytes - (contents.length % blockBytes)) % blockBytes);
    return [header(entry, entry.sizeBytes ?? contents.length), contents, padding];
  });
  return new Uint8Array(Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)]));
}

function header(entry: TarEntry, size: number): Buffer {
  const block = Buffer.alloc(blockBytes);
  const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, "0")}\0`;
  block.write(entry.name.slice(0, 100), 0);
  block.write(octal(entry.mode ?? (entry.type === "5" ? 0o755 : 0o644), 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(1_700_000_000, 12), 136);
  block.write("        ", 148);
  block.write(entry.type ?? "0", 156);
  block.write((entry.linkName ?? "").slice(0, 100), 157);
  block.write("ustar\u000000", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}
