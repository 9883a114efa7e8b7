import type { CopyProgress } from "@mooring/provider-kit/local";

const firstAfterMs = 500;
const everyMs = 100;

/** One line of progress on a terminal, once a copy takes long enough to wonder. */
export class CopyMeter {
  readonly #stream: NodeJS.WriteStream;
  readonly #isWanted: boolean;
  readonly #startedMs = performance.now();
  #shownMs = 0;
  #isShown = false;

  constructor(stream: NodeJS.WriteStream, isWanted: boolean) {
    this.#stream = stream;
    this.#isWanted = isWanted && stream.isTTY;
  }

  show(progress: CopyProgress): void {
    const nowMs = performance.now();
    if (!this.#isWanted || nowMs - this.#startedMs < firstAfterMs) return;
    if (nowMs - this.#shownMs < everyMs) return;
    this.#shownMs = nowMs;
    this.#isShown = true;
    const seconds = (nowMs - this.#startedMs) / 1_000;
    const files = progress.totalFiles > 0 ? `${progress.files}/${progress.totalFiles}` : `${progress.files}`;
    const share =
      progress.totalBytes > 0 ? ` ${Math.min(100, Math.floor((100 * progress.bytes) / progress.totalBytes))} %` : "";
    const speed = byteText(progress.bytes / seconds);
    // Carriage return and "erase to the end of the line".
    this.#stream.write(`\r${files} files, ${byteText(progress.bytes)}${share}, ${speed}/s\u001b[K`);
  }

  clear(): void {
    if (this.#isShown) this.#stream.write("\r\u001b[K");
    this.#isShown = false;
  }
}

/** A number of bytes for people. */
export function byteText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(value) : value.toPrecision(3)} ${units[unit] ?? ""}`;
}
