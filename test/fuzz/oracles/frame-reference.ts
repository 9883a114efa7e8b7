import { helperFrame, maxFrameLength } from "../../../packages/provider-kit/src/helper/frame-types.js";

/** A frame as it is told: all bytes of it in latin1, that of DATA without its channel. */
export interface ToldFrame {
  readonly type: number;
  readonly id: number;
  readonly channel: number;
  bytes: string;
}

const types: ReadonlySet<number> = new Set(Object.values(helperFrame));

/** What docs/protocol.md says of bytes that are all there: the frames up to the end or the first fault, read in the plainest way. */
export function framesByTheBook(bytes: Buffer): { readonly told: readonly ToldFrame[]; readonly isCorrupt: boolean } {
  const told: ToldFrame[] = [];
  for (let at = 0; at < bytes.length;) {
    // A fault of the head shows as soon as the type is there.
    if (bytes.length - at < 5) break;
    const length = bytes.readUInt32BE(at);
    const type = bytes[at + 4] ?? 0;
    const isData = type === helperFrame.data;
    if (length < (isData ? 6 : 5) || length > maxFrameLength || !types.has(type)) return { told, isCorrupt: true };
    const end = at + 4 + length;
    if (isData && bytes.length - at >= 10) {
      tellData(told, bytes.readUInt32BE(at + 5), bytes[at + 9] ?? 0, bytes.toString("latin1", at + 10, end));
    } else if (!isData && end <= bytes.length) {
      told.push({ type, id: bytes.readUInt32BE(at + 5), channel: -1, bytes: bytes.toString("latin1", at + 9, end) });
    }
    at = end;
  }
  return { told, isCorrupt: false };
}

/** What comes of one id and channel in a row counts as one piece: frames of DATA come in as many as they like. */
export function tellData(told: ToldFrame[], id: number, channel: number, bytes: string): void {
  const last = told.at(-1);
  if (bytes === "") return;
  if (last?.type === helperFrame.data && last.id === id && last.channel === channel) last.bytes += bytes;
  else told.push({ type: helperFrame.data, id, channel, bytes });
}

/** The bytes that lines of base64 stand for, up to the first line that is none. */
export function bytesOfLines(text: Buffer): { readonly bytes: Buffer; readonly isCorrupt: boolean } {
  const lines = text.toString("latin1").split("\n").slice(0, -1);
  const parts: Buffer[] = [];
  for (const line of lines.map((one) => one.trimEnd())) {
    const bytes = Buffer.from(line, "base64");
    // The decoder passes over what it does not know, and minds no bits that are left over: lengths tell.
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(line) || line.length % 4 !== 0) {
      return { bytes: Buffer.concat(parts), isCorrupt: true };
    }
    parts.push(bytes);
  }
  return { bytes: Buffer.concat(parts), isCorrupt: false };
}
