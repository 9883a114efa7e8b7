import { FrameDecoder } from "../../../packages/provider-kit/src/helper/frame-decoder.js";
import { helperFrame } from "../../../packages/provider-kit/src/helper/frame-types.js";
import { textLine, TextLineDecoder } from "../../../packages/provider-kit/src/helper/text-frames.js";
import type { FuzzTarget } from "../engine/fuzz-target.js";
import { withinAllocation } from "../oracles/allocation.js";
import { piecesOf } from "../oracles/chunks.js";
import { bytesOfLines, framesByTheBook, tellData, type ToldFrame } from "../oracles/frame-reference.js";
import { outcomeOf } from "../oracles/refusal.js";
import { requireSame } from "../oracles/violation.js";
import { frame } from "../../../packages/provider-kit/test/support/helper-records.js";

const valid = Buffer.concat([
  frame(helperFrame.event, 1, Buffer.from("\x05event\0\0\0\x07started")),
  frame(helperFrame.data, 1, Buffer.from("\x01hello")),
  frame(helperFrame.data, 2, Buffer.from("\x02")),
  frame(helperFrame.end, 1, Buffer.from("\x01")),
  frame(helperFrame.credit, 1, Buffer.from("\0\0\0\x01\0")),
  frame(helperFrame.pong, 0),
  frame(helperFrame.result, 1),
  frame(helperFrame.error, 0xffff_ffff, Buffer.alloc(300, "e")),
]);

const lines = Buffer.concat([
  textLine(frame(helperFrame.pong, 0)),
  textLine(frame(helperFrame.data, 1, Buffer.from("\x01hello"))),
  Buffer.from("\r\n\n"),
  textLine(valid),
]);

/** What a decoder tells of bytes in pieces. */
function framesIn(pieces: readonly Buffer[], decode: (sink: FrameDecoder) => (piece: Buffer) => void) {
  const told: ToldFrame[] = [];
  const decoder = new FrameDecoder({
    data: (id, channel, bytes) => tellData(told, id, channel, bytes.toString("latin1")),
    frame: (type, id, payload) => told.push({ type, id, channel: -1, bytes: payload.toString("latin1") }),
  });
  const push = decode(decoder);
  const outcome = outcomeOf(["corrupt"], () => {
    for (const piece of pieces) push(piece);
  });
  return { told, isCorrupt: "error" in outcome };
}

/** A frame is bounded before it is gathered: nothing is made that is larger than what came. */
function requireByTheBook(
  bytes: Buffer,
  expected: ReturnType<typeof framesByTheBook>,
  decode: (sink: FrameDecoder) => (piece: Buffer) => void,
): void {
  withinAllocation(bytes.length + 16, () => {
    requireSame(framesIn([bytes], decode), expected, "Frames");
    requireSame(framesIn(piecesOf(bytes), decode), expected, "Frames of bytes that were cut");
  });
}

export const frameDecoder: FuzzTarget = {
  name: "frame-decoder",
  form: "bytes",
  covers: ["src/helper/frame-decoder"],
  seeds: [valid, frame(helperFrame.data, 7, Buffer.alloc(5_000, "d"))],
  dictionary: Object.values(helperFrame).map((type) => frame(type, 1, Buffer.of(1))),
  testInputs: 1_500,
  run: (bytes) => requireByTheBook(bytes, framesByTheBook(bytes), (decoder) => (piece) => decoder.push(piece)),
};

export const textFrames: FuzzTarget = {
  name: "text-frames",
  form: "bytes",
  covers: ["src/helper/text-frames", "src/helper/frame-decoder"],
  seeds: [lines, Buffer.from("logout\n")],
  dictionary: [Buffer.from("\r\n"), Buffer.from("="), Buffer.from("AAAA"), textLine(frame(helperFrame.pong, 0))],
  testInputs: 1_500,
  run(bytes) {
    const lines = bytesOfLines(bytes);
    const { told, isCorrupt } = framesByTheBook(lines.bytes);
    requireByTheBook(bytes, { told, isCorrupt: isCorrupt || lines.isCorrupt }, (decoder) => {
      const text = new TextLineDecoder((piece) => decoder.push(piece));
      return (piece) => text.push(piece);
    });
  },
};
