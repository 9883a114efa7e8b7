import type { RunnerFileInfo } from "@mooring/api";
import type { ListedItem } from "./listing-outcome.js";

const marks = { directory: "/", file: "", symlink: "", other: "" } as const;

/** A file as list_files and glob show it: a slash after directories, an arrow after links, the size of files. */
export function fileItem(info: RunnerFileInfo, path: string): ListedItem {
  const { type, sizeBytes, modifiedAtMs, symlinkTarget } = info;
  const target = symlinkTarget === undefined ? "" : ` -> ${symlinkTarget}`;
  const size = type === "file" ? `\t${sizeBytes}` : "";
  return {
    line: `${printable(path)}${marks[type]}${printable(target)}${size}`,
    data: { path, type, sizeBytes, modifiedAtMs, ...(target === "" ? {} : { symlinkTarget: symlinkTarget ?? "" }) },
  };
}

/** A name with line breaks must not look like two. */
export function printable(text: string): string {
  return text.replaceAll(/[\n\r]/g, (character) => (character === "\n" ? "\\n" : "\\r"));
}
