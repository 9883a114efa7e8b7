import type {
  RunnerDroppedRange,
  RunnerOutputChunk,
  RunnerOutputCursor,
  RunnerOutputPage,
  RunnerOutputStream,
} from "@mooring/api";
import type { CommandOutput } from "./command-output.js";

const streams = ["stdout", "stderr"] as const;

/** What is kept at and after a cursor, at most `maxBytes` of it; neither stream keeps the other from being served. */
export function outputPage(output: CommandOutput, cursor: RunnerOutputCursor, maxBytes: number): RunnerOutputPage {
  const chunks: RunnerOutputChunk[] = [];
  const dropped: RunnerDroppedRange[] = [];
  const next: Record<RunnerOutputStream, number> = { stdout: cursor.stdout, stderr: cursor.stderr };
  let room = maxBytes;
  const collect = (stream: RunnerOutputStream, limit: number) => {
    let left = limit;
    while (left > 0) {
      const piece = output.store(stream).take(next[stream], left);
      if (piece === undefined) return;
      if (piece.offset > next[stream]) dropped.push({ stream, offset: next[stream], end: piece.offset });
      chunks.push({ stream, ...piece });
      next[stream] = piece.offset + piece.bytes.length;
      left -= piece.bytes.length;
      room -= piece.bytes.length;
    }
  };
  const waiting = streams.filter((stream) => next[stream] < output.store(stream).totalBytes);
  const share = Math.max(1, Math.floor(maxBytes / Math.max(1, waiting.length)));
  for (const stream of waiting) collect(stream, Math.min(share, room));
  for (const stream of waiting) collect(stream, room);
  // A gap at the very end of a stream has no piece after it: with nothing kept, all of it is dropped.
  for (const stream of waiting) {
    const total = output.store(stream).totalBytes;
    if (room > 0 && next[stream] < total) {
      dropped.push({ stream, offset: next[stream], end: total });
      next[stream] = total;
    }
  }
  return {
    chunks,
    cursor: { stdout: next.stdout, stderr: next.stderr },
    dropped,
    ended: streams.every((stream) => output.hasEnded(stream) && next[stream] >= output.store(stream).totalBytes),
  };
}

/** Whether there is nothing to tell yet. */
export function isEmptyPage({ ended, chunks, dropped }: RunnerOutputPage): boolean {
  return !ended && chunks.length === 0 && dropped.length === 0;
}
