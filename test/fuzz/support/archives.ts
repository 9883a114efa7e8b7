import { tarBlockBytes, type TarEntry, tarPadding } from "../../../packages/provider-kit/src/shell/tar/tar-entry.js";
import { tarEnd, tarHeader } from "../../../packages/provider-kit/src/shell/tar/tar-writer.js";

/** An archive of such entries. */
function archiveOf(entries: readonly (Partial<TarEntry> & { readonly contents?: string })[]): Buffer {
  const blocks = entries.flatMap(({ contents = "", ...entry }) => {
    const bytes = Buffer.from(contents);
    const header = tarHeader({
      name: "file",
      type: "file",
      mode: 0o644,
      modifiedAtSeconds: 1_700_000_000,
      target: "",
      ...entry,
      sizeBytes: bytes.length,
    });
    return [header, bytes, Buffer.alloc(tarPadding(bytes.length))];
  });
  return Buffer.concat([...blocks, tarEnd]);
}

/** A header with that type, before contents. */
function special(type: string, contents: string): Buffer {
  const bytes = Buffer.from(contents);
  const header = tarHeader({
    name: "special",
    type: "file",
    mode: 0o644,
    modifiedAtSeconds: 0,
    target: "",
    sizeBytes: bytes.length,
  });
  header.write(type, 156, "latin1");
  return withCheckSums(Buffer.concat([header, bytes, Buffer.alloc(tarPadding(bytes.length))]));
}

export const archives: readonly Buffer[] = [
  archiveOf([{ name: "absolute", type: "symlink", target: "/etc/passwd" }]),
  archiveOf([{ name: "above", type: "symlink", target: "../../above" }]),
  archiveOf([
    { name: "d/", type: "directory" },
    { name: "through", type: "symlink", target: "d" },
    { name: "through/file", contents: "no" },
  ]),
  archiveOf([
    { name: "d/", type: "directory", mode: 0o4755 },
    { name: "d/file", contents: "contents" },
    { name: "d/link", type: "symlink", target: "file" },
    { name: "hard", type: "hardlink", target: "d/file" },
  ]),
  archiveOf([
    { name: `long/${"n".repeat(120)}`, contents: "x".repeat(600) },
    { name: "\u00e9", contents: "" },
  ]),
  Buffer.concat([
    special("L", "../outside\0"),
    archiveOf([
      { name: "out", type: "symlink", target: ".." },
      { name: "out/file", contents: "no" },
    ]),
  ]),
  Buffer.concat([special("x", "16 size=1234567\n20 path=/etc/passwd\n"), archiveOf([{ contents: "x" }])]),
  Buffer.concat([special("3", ""), special("g", "19 mtime=170000000\n"), archiveOf([{ contents: "y" }])]),
];

/** The same bytes, with the right check sum in every block that could be a header. */
export function withCheckSums(bytes: Buffer): Buffer {
  const archive = Buffer.from(bytes);
  for (let at = 0; at + tarBlockBytes <= archive.length; at += tarBlockBytes) {
    const block = archive.subarray(at, at + tarBlockBytes);
    // A check sum was here: six octal digits, an end and a space.
    if (!/^[0-7]{6}\0 $/.test(block.toString("latin1", 148, 156))) continue;
    let sum = 0;
    for (const [index, byte] of block.entries()) sum += index >= 148 && index < 156 ? 32 : byte;
    block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  }
  return archive;
}
