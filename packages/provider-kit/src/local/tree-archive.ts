import type { CopyCounter } from "./copy-progress.js";
import type { LocalEntry } from "./local-tree.js";
import type { DiskPace } from "./disk-pace.js";
import { chunksOf, readInto, readIntoAtOnce } from "./read-file.js";
import { tarPadding } from "../shell/tar/tar-entry.js";
import { tarEnd, tarHeader } from "../shell/tar/tar-writer.js";

/** What is sent at a time; files that do not fit are sent in pieces. */
const pieceBytes = 262_144;
/** Pieces of small files that are read from a slow disk while others are sent: with them all, some 2 MiB are held. */
const piecesAhead = 4;

/** A file system's clock ticks at most 100 times a second; some keep whole seconds, or every other one. */
const fineTickMs = 20;
const coarseTickMs = 2_000;

/** Entries whose bytes fit a piece together, or a single file that does not. */
interface Batch {
  readonly entries: readonly LocalEntry[];
  readonly headers: readonly Buffer[];
  readonly bytes: number;
}

/** A tar stream of a tree, with small files read ahead, several at a time. */
export async function* treeArchive(
  entries: readonly LocalEntry[],
  counter: CopyCounter,
  pace: DiskPace,
): AsyncGenerator<Uint8Array, void, undefined> {
  const batches = batchesOf(entries);
  const ahead: { readonly batch: Batch; readonly piece: Promise<Buffer> | undefined }[] = [];
  for (;;) {
    while (ahead.length < (pace.isSlow ? piecesAhead : 1)) {
      const { value: batch } = batches.next();
      if (batch === undefined) break;
      const piece = batch.bytes > pieceBytes ? undefined : filled(batch, pace);
      // What fails is heard of in its turn, or not at all.
      piece?.catch(() => undefined);
      ahead.push({ batch, piece });
    }
    const next = ahead.shift();
    if (next === undefined) break;
    if (next.piece === undefined) yield* large(next.batch, counter);
    else {
      yield await next.piece;
      for (const entry of next.batch.entries) count(entry, counter);
    }
  }
  yield tarEnd;
}

function* batchesOf(entries: readonly LocalEntry[]): Generator<Batch, undefined, undefined> {
  let batch: LocalEntry[] = [];
  let headers: Buffer[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const header = headerOf(entry);
    const needed = header.length + entry.sizeBytes + tarPadding(entry.sizeBytes);
    if (batch.length > 0 && bytes + needed > pieceBytes) {
      yield { entries: batch, headers, bytes };
      batch = [];
      headers = [];
      bytes = 0;
    }
    batch.push(entry);
    headers.push(header);
    bytes += needed;
  }
  if (batch.length > 0) yield { entries: batch, headers, bytes };
  return undefined;
}

async function filled({ entries, headers, bytes }: Batch, pace: DiskPace): Promise<Buffer> {
  await pace.pause();
  const piece = Buffer.alloc(bytes);
  const reading: Promise<void>[] = [];
  let at = 0;
  for (const [index, entry] of entries.entries()) {
    const header = headers[index] as Buffer;
    header.copy(piece, at);
    at += header.length;
    const place = piece.subarray(at, at + entry.sizeBytes);
    at += entry.sizeBytes + tarPadding(entry.sizeBytes);
    if (entry.type !== "file") continue;
    if (pace.isSlow) reading.push(readInto(entry, place));
    else pace.atOnce(() => readIntoAtOnce(entry, place));
  }
  await Promise.all(reading);
  return piece;
}

async function* large({ entries, headers }: Batch, counter: CopyCounter): AsyncGenerator<Uint8Array, void, undefined> {
  const [entry] = entries as [LocalEntry];
  yield headers[0] as Buffer;
  for await (const chunk of chunksOf(entry, pieceBytes)) {
    yield chunk;
    counter.moved(chunk.length);
  }
  const padding = tarPadding(entry.sizeBytes);
  if (padding > 0) yield Buffer.alloc(padding);
  counter.file();
}

function count(entry: LocalEntry, counter: CopyCounter): void {
  if (entry.type === "directory") counter.directories += 1;
  else if (entry.type === "symlink") counter.links += 1;
  else {
    if (entry.sizeBytes > 0) counter.moved(entry.sizeBytes);
    counter.file();
  }
}

function headerOf(entry: LocalEntry): Buffer {
  return tarHeader({
    name: latin1(entry.type === "directory" ? `${entry.path}/` : entry.path),
    type: entry.type,
    mode: entry.mode,
    sizeBytes: entry.sizeBytes,
    modifiedAtSeconds: Math.max(0, sentTimeMs(entry, Date.now())) / 1_000,
    target: latin1(entry.target ?? ""),
  });
}

/**
 * A file that was modified just now may be modified once more after it was read, and have the same time then. It is given
 * another one on the far side, so that the next copy does not take it for unchanged.
 */
export function sentTimeMs(entry: Pick<LocalEntry, "type" | "modifiedAtMs">, nowMs: number): number {
  const tickMs = entry.modifiedAtMs % 1_000 === 0 ? coarseTickMs : fineTickMs;
  return entry.type === "file" && nowMs - entry.modifiedAtMs < tickMs ? entry.modifiedAtMs - 1 : entry.modifiedAtMs;
}

/** The bytes of its UTF-8. */
function latin1(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
