import type { Text } from "@mooring/api";

const exactDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A path as a string of one character for each of its bytes: it can be compared, split and used as a key, and loses nothing. */
export function keyOf(path: Text): string {
  return Buffer.from(path as string).toString("latin1");
}

/** A path for people, and its exact bytes where they are no UTF-8. */
export function pathFields(key: string): { readonly path: string; readonly pathBytes?: Uint8Array } {
  const bytes = new Uint8Array(Buffer.from(key, "latin1"));
  try {
    return { path: exactDecoder.decode(bytes) };
  } catch {
    return { path: new TextDecoder().decode(bytes), pathBytes: bytes };
  }
}

/** The path as people read it, for messages. */
export function shown(key: string): string {
  return pathFields(key).path;
}

/** Whether a path is a directory or lies in it, by whole names: `/root-evil` is not in `/root`. */
export function isWithin(key: string, directory: string): boolean {
  return key === directory || key.startsWith(directory === "/" ? "/" : `${directory}/`);
}

/** The directory that a path lies in. */
export function parentOf(key: string): string {
  return key.slice(0, Math.max(1, key.lastIndexOf("/")));
}
