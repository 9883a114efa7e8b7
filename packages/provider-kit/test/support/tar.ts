/** An entry as it is to be written, however wrong. */
export interface TarEntry {
  readonly name: string;
  /** @default "0", a file */
  readonly type?: string;
  readonly mode?: number;
  readonly target?: string;
  readonly contents?: string;
  /** What the header says, when it is not the length of `contents`. */
  readonly size?: number;
}

/** A ustar archive, made by hand so that it may lie. */
export function tarOf(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const contents = Buffer.from(entry.contents ?? "");
    const header = Buffer.alloc(512);
    const octal = (value: number, at: number, width: number) =>
      header.write(value.toString(8).padStart(width - 1, "0"), at, "latin1");
    header.write(entry.name, 0, 100, "utf8");
    octal(entry.mode ?? 0o644, 100, 8);
    octal(0, 108, 8);
    octal(0, 116, 8);
    octal(entry.size ?? contents.length, 124, 12);
    octal(1_000_000_000, 136, 12);
    header.fill(" ", 148, 156);
    header.write(entry.type ?? "0", 156, "latin1");
    header.write(entry.target ?? "", 157, 100, "utf8");
    header.write("ustar\0", 257, "latin1");
    header.write("00", 263, "latin1");
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
    return [header, contents, Buffer.alloc(-contents.length & 511)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
