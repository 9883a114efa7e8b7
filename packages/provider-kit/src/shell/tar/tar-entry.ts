/** What a tar stream holds for one name. Names and targets are bytes, as latin1. */
export interface TarEntry {
  readonly name: string;
  readonly type: "file" | "directory" | "symlink" | "hardlink" | "other";
  readonly mode: number;
  readonly sizeBytes: number;
  /** With a fraction, to the millisecond, where it is known. */
  readonly modifiedAtSeconds: number;
  /** Of a link. */
  readonly target: string;
}

export const tarBlockBytes = 512;

/** How many bytes of padding follow so many bytes of contents. */
export function tarPadding(sizeBytes: number): number {
  return (tarBlockBytes - (sizeBytes % tarBlockBytes)) % tarBlockBytes;
}
