import { writeAll } from "../output/write.js";

/** How copying a stream to one of ours ended. */
export type PumpEnd = "ended" | "reader-gone";

/**
 * Copies a command's output exactly, no faster than our own reader takes it. When that reader is gone the rest is not
 * wanted: the source is cancelled.
 */
export async function pumpOutput(source: ReadableStream<Uint8Array>, sink: NodeJS.WritableStream): Promise<PumpEnd> {
  const reader = source.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return "ended";
    try {
      await writeAll(sink, value);
    } catch {
      await reader.cancel().catch(() => {});
      return "reader-gone";
    }
  }
}
