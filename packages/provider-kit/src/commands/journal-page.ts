import { RunnerError, type RunnerOutputChunk, type RunnerOutputPage, type RunnerOutputStream } from "@mooring/api";

type ReadJournal = (stream: RunnerOutputStream, offset: number, maxBytes: number) => Promise<Uint8Array>;

/**
 * A page of a durable command whose output this process no longer holds, or never has: what it lacks is read from the journal, so
 * that no page has a gap.
 */
export async function journalPage(
  page: RunnerOutputPage,
  maxBytes: number,
  readJournal: ReadJournal,
): Promise<RunnerOutputPage> {
  const cursor = { ...page.cursor };
  const gaps = new Map<RunnerOutputStream, { offset: number; end: number }>();
  for (const { stream, offset, end } of page.dropped) {
    if (gaps.has(stream)) continue;
    gaps.set(stream, { offset, end });
    cursor[stream] = offset;
  }
  const before = (chunk: RunnerOutputChunk) => chunk.offset < (gaps.get(chunk.stream)?.offset ?? Infinity);
  const chunks = page.chunks.filter(before);
  // What is here goes first: the journal is asked when the cursor stands at the gap.
  if (chunks.length > 0) return { chunks, cursor, dropped: [], ended: false };
  for (const [stream, { offset, end }] of gaps) {
    const bytes = await readJournal(stream, offset, Math.min(maxBytes, end - offset));
    if (bytes.length === 0) break;
    cursor[stream] = offset + bytes.length;
    return { chunks: [{ stream, offset, bytes }], cursor, dropped: [], ended: false };
  }
  throw new RunnerError("corrupt", "command.read: the journal is shorter than the output that it should hold", {
    operation: "command.read",
    resource: "command",
    retryable: false,
  });
}
