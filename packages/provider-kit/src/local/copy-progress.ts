/** How far a copy has come. Totals are 0 while they are not known; what is left as it is does not count. */
export interface CopyProgress {
  readonly files: number;
  readonly bytes: number;
  readonly totalFiles: number;
  readonly totalBytes: number;
}

/** What a copy made. */
export interface CopyReport {
  readonly files: number;
  readonly directories: number;
  readonly links: number;
  readonly bytes: number;
  /** Files and links that were there already, and equal by type, size, mode and time of modification: they were left as they are. */
  readonly unchanged: number;
  /** What was left out, each with the reason: sockets, FIFOs, devices, and links that would leave the target. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

/** Counts for one copy, handed to whoever watches it. */
export class CopyCounter {
  files = 0;
  directories = 0;
  links = 0;
  bytes = 0;
  unchanged = 0;
  totalFiles = 0;
  totalBytes = 0;
  readonly skipped: { path: string; reason: string }[] = [];
  readonly #onProgress: ((progress: CopyProgress) => void) | undefined;

  constructor(onProgress?: (progress: CopyProgress) => void) {
    this.#onProgress = onProgress;
  }

  file(): void {
    this.files += 1;
    this.#tell();
  }

  moved(bytes: number): void {
    this.bytes += bytes;
    this.#tell();
  }

  report(): CopyReport {
    return {
      files: this.files,
      directories: this.directories,
      links: this.links,
      bytes: this.bytes,
      unchanged: this.unchanged,
      skipped: this.skipped,
    };
  }

  #tell(): void {
    this.#onProgress?.({
      files: this.files,
      bytes: this.bytes,
      totalFiles: this.totalFiles,
      totalBytes: this.totalBytes,
    });
  }
}
