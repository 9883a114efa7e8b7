import { byteGarbage, type Garble, type Garbled } from "../transport/garbage.js";
import { randomBytesFrom } from "../transport/random.js";

/** How frames look on the way: as they are, or each as a line of base64. */
type Kind = "bytes" | "text";

const headBytes = 9;

/** The whole frames of a chunk; `undefined` for a chunk that is cut anywhere but between frames. */
function framesIn(chunk: Buffer, kind: Kind): Buffer[] | undefined {
  if (kind === "text") {
    const lines = chunk.toString("latin1").split("\n");
    if (lines.pop() !== "" || lines.some((line) => !/^[A-Za-z0-9+/]+={0,2}$/.test(line))) return undefined;
    const frames = lines.map((line) => Buffer.from(line, "base64"));
    return frames.every((frame) => frame.length >= headBytes && frame.readUInt32BE(0) === frame.length - 4)
      ? frames
      : undefined;
  }
  const frames: Buffer[] = [];
  for (let at = 0; at < chunk.length;) {
    if (chunk.length - at < headBytes) return undefined;
    const end = at + 4 + chunk.readUInt32BE(at);
    const type = chunk[at + 4] ?? 0;
    if (end > chunk.length || end < at + headBytes || (type & 0x7f) === 0 || (type & 0x7f) > 7) return undefined;
    frames.push(chunk.subarray(at, end));
    at = end;
  }
  return frames.length === 0 ? undefined : frames;
}

function joined(frames: readonly Buffer[], kind: Kind): Buffer {
  if (kind === "bytes") return Buffer.concat(frames);
  return Buffer.from(frames.map((frame) => `${frame.toString("base64")}\n`).join(""), "latin1");
}

/** Changes one frame of a chunk. */
function inOneFrame(kind: Kind, change: (frame: Buffer, random: () => number) => void): Garble {
  return (chunk, random) => {
    const frames = framesIn(chunk, kind);
    if (frames === undefined) return undefined;
    const chosen = Math.floor(random() * frames.length);
    const changed = frames.map((frame, index) => {
      if (index !== chosen) return frame;
      const copy = Buffer.from(frame);
      change(copy, random);
      return copy;
    });
    return { now: joined(changed, kind) };
  };
}

function carriesData(frame: Buffer): boolean {
  return ((frame[4] ?? 0) & 0x7f) === 0x02 || (frame[4] ?? 0) === 0x84;
}

/** Frames of the resident helper whose heads are wrong, or that come where they should not. */
export function frameGarbage(kind: Kind): Readonly<Record<string, Garble>> {
  const framed = (work: (chunk: Buffer, frames: Buffer[], random: () => number) => Garbled | undefined): Garble => {
    return (chunk, random) => {
      const frames = framesIn(chunk, kind);
      return frames === undefined ? undefined : work(chunk, frames, random);
    };
  };
  return {
    inserted: framed((chunk, _frames, random) => byteGarbage.inserted(chunk, random)),
    replaced: framed((chunk, _frames, random) => byteGarbage.replaced(chunk, random)),
    length: inOneFrame(kind, (frame, random) => frame.writeUInt32BE(Math.floor(random() * 0xffff_ffff), 0)),
    "length-near": inOneFrame(kind, (frame, random) => {
      frame.writeUInt32BE(frame.readUInt32BE(0) + (random() < 0.5 ? -1 : 1) * (1 + Math.floor(random() * 3)), 0);
    }),
    "length-large": inOneFrame(kind, (frame) => frame.writeUInt32BE(4_194_304, 0)),
    type: inOneFrame(kind, (frame, random) => frame.writeUInt8(0x10 + Math.floor(random() * 0x60), 4)),
    id: inOneFrame(kind, (frame, random) => frame.writeUInt32BE(1_000_000 + Math.floor(random() * 1_000_000), 5)),
    // Contents that come twice or in another order are as good as any contents: only frames that mean something can be out of place.
    doubled: framed((chunk, frames) => (frames.some(carriesData) ? undefined : { now: Buffer.concat([chunk, chunk]) })),
    backwards: framed((_chunk, frames) =>
      frames.length < 2 || frames.filter(carriesData).length > 1
        ? undefined
        : { now: joined(frames.toReversed(), kind) },
    ),
    swapped: framed((chunk, frames) =>
      frames.some(carriesData) ? undefined : { now: Buffer.alloc(0), afterNext: chunk },
    ),
    cut: framed((chunk) => ({ now: chunk.subarray(0, -1) })),
  };
}

/** Another helper's first line, and none of ours. */
export const handshakeGarbage: Readonly<Record<string, Garble>> = {
  "handshake-nonce": (chunk, random) =>
    ofHandshake(chunk, (line) => line.replace(/[0-9a-f]{32}/, randomBytesFrom(random, 16).toString("hex"))),
  "handshake-version": (chunk) => ofHandshake(chunk, (line) => line.replace("MOORING/1", "MOORING/7")),
  "handshake-cut": (chunk) => ofHandshake(chunk, (line) => line.replace(/[0-9a-f]{5}\n/, "\n")),
  "handshake-noise": (chunk, random) => {
    const found = ofHandshake(chunk, (line) => line);
    return found && { now: Buffer.concat([randomBytesFrom(random, 90_000), found.now]) };
  },
};

function ofHandshake(chunk: Buffer, change: (line: string) => string): Garbled | undefined {
  const text = chunk.toString("latin1");
  if (!/^MOORING\/1 [0-9a-f]{32}\n/.test(text)) return undefined;
  return { now: Buffer.from(change(text), "latin1") };
}

/**
 * The header line before the helper's program. The program itself is never changed: what a changed one would do on this machine
 * nobody can say.
 */
export const headerGarbage: Readonly<Record<string, Garble>> = {
  "header-nonce": (chunk) => ofHeader(chunk, (line) => line.replace(/ [0-9a-f]{32} /, ` ${"0".repeat(32)} `)),
  "header-kind": (chunk) => ofHeader(chunk, (line) => line.replace(/(bytes|text)\n/, "neither\n")),
  "header-long": (chunk) => ofHeader(chunk, (line) => line.replace(/^\d+/, (length) => String(Number(length) + 40))),
};

function ofHeader(chunk: Buffer, change: (line: string) => string): Garbled | undefined {
  const end = chunk.indexOf("\n") + 1;
  const line = chunk.toString("latin1", 0, end);
  if (!/^\d+ [0-9a-f]{32} (bytes|text)\n$/.test(line)) return undefined;
  return { now: Buffer.concat([Buffer.from(change(line), "latin1"), chunk.subarray(end)]) };
}
