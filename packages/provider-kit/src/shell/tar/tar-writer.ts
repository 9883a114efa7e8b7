import { tarBlockBytes, type TarEntry } from "./tar-entry.js";

const flags = { file: "0", hardlink: "1", symlink: "2", directory: "5", other: "6" } as const;
const largestOctal = 0o77777777777;

/** Two blocks of nothing. */
export const tarEnd: Buffer = Buffer.alloc(tarBlockBytes * 2);

/** The header of an entry, POSIX pax: what does not fit the old fields goes before it. */
export function tarHeader(entry: TarEntry): Buffer {
  const extended: [string, string][] = [];
  if (entry.name.length > 100 || !isAscii(entry.name)) extended.push(["path", entry.name]);
  if (entry.target.length > 100 || !isAscii(entry.target)) extended.push(["linkpath", entry.target]);
  if (entry.sizeBytes > largestOctal) extended.push(["size", String(entry.sizeBytes)]);
  if (!Number.isInteger(entry.modifiedAtSeconds)) extended.push(["mtime", entry.modifiedAtSeconds.toFixed(3)]);
  const header = oneHeader({ ...entry, flag: flags[entry.type] });
  if (extended.length === 0) return header;
  const text = Buffer.from(extended.map(([key, value]) => paxField(key, value)).join(""), "latin1");
  const before = oneHeader({
    name: "pax",
    flag: "x",
    mode: 0o644,
    sizeBytes: text.length,
    modifiedAtSeconds: 0,
    target: "",
  });
  return Buffer.concat([
    before,
    text,
    Buffer.alloc((tarBlockBytes - (text.length % tarBlockBytes)) % tarBlockBytes),
    header,
  ]);
}

interface HeaderFields {
  readonly name: string;
  readonly flag: string;
  readonly mode: number;
  readonly sizeBytes: number;
  readonly modifiedAtSeconds: number;
  readonly target: string;
}

function oneHeader(fields: HeaderFields): Buffer {
  const block = Buffer.alloc(tarBlockBytes);
  block.write(fields.name.slice(0, 100), 0, "latin1");
  writeOctal(block, 100, 8, fields.mode);
  writeOctal(block, 108, 8, 0);
  writeOctal(block, 116, 8, 0);
  writeOctal(block, 124, 12, Math.min(fields.sizeBytes, largestOctal));
  writeOctal(block, 136, 12, Math.min(Math.floor(fields.modifiedAtSeconds), largestOctal));
  block.write("        ", 148, "latin1");
  block.write(fields.flag, 156, "latin1");
  block.write(fields.target.slice(0, 100), 157, "latin1");
  block.write("ustar\x0000", 257, "latin1");
  let sum = 0;
  for (let at = 0; at < tarBlockBytes; at++) sum += block[at] ?? 0;
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

function writeOctal(block: Buffer, start: number, length: number, value: number): void {
  block.write(value.toString(8).padStart(length - 1, "0"), start, "latin1");
}

/** The length at its front counts itself. */
function paxField(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
