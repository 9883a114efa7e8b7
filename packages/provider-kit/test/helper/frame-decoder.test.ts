import { RunnerError } from "@mooring/api";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameDecoder } from "../../src/helper/frame-decoder.js";
import { helperFrame } from "../../src/helper/frame-types.js";
import { readList, readRecord } from "../../src/helper/record-reader.js";
import { RequestWriter } from "../../src/helper/record-writer.js";
import { TextLineDecoder, textLine } from "../../src/helper/text-frames.js";
import { frame } from "../support/helper-records.js";

interface Told {
  readonly type: number;
  readonly id: number;
  readonly payload: Buffer;
}

/** Decodes pieces; the pieces of one DATA frame are joined, as their number depends on how the bytes were cut. */
function decode(pieces: readonly Buffer[]): Told[] {
  const told: Told[] = [];
  const decoder = new FrameDecoder({
    data: (id, channel, bytes) =>
      told.push({ type: helperFrame.data, id, payload: Buffer.concat([Buffer.of(channel), bytes]) }),
    frame: (type, id, payload) => told.push({ type, id, payload: Buffer.from(payload) }),
  });
  for (const piece of pieces) decoder.push(piece);
  return told;
}

/** All DATA of one id, and all other frames in order. */
function summary(told: readonly Told[]) {
  const data = new Map<number, Buffer>();
  for (const { type, id, payload } of told) {
    if (type === helperFrame.data) data.set(id, Buffer.concat([data.get(id) ?? Buffer.alloc(0), payload.subarray(1)]));
  }
  return { data, others: told.filter(({ type }) => type !== helperFrame.data) };
}

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [...new Set(at.map((place) => place % (bytes.length + 1)))].toSorted((left, right) => left - right);
  const pieces: Buffer[] = [];
  let from = 0;
  for (const place of [...places, bytes.length]) {
    pieces.push(bytes.subarray(from, place));
    from = place;
  }
  return pieces;
}

const frames = fc.array(
  fc.record({
    type: fc.constantFrom(...Object.values(helperFrame)),
    id: fc.integer({ min: 0, max: 0xffff_ffff }),
    payload: fc.uint8Array({ minLength: 1, maxLength: 300 }),
  }),
  { maxLength: 20 },
);

describe("the frame decoder", () => {
  test("reads the same frames however the bytes are cut", () => {
    fc.assert(
      fc.property(frames, fc.array(fc.nat(), { maxLength: 40 }), (sent, places) => {
        const bytes = Buffer.concat(sent.map(({ type, id, payload }) => frame(type, id, payload)));
        const { data, others } = summary(decode(cut(bytes, places)));
        const expected = sent.filter(({ type }) => type !== helperFrame.data);
        expect(others.map(({ type, id, payload }) => [type, id, payload.toString("hex")])).toEqual(
          expected.map(({ type, id, payload }) => [type, id, Buffer.from(payload).toString("hex")]),
        );
        for (const [id, bytesOfId] of data) {
          const whole = sent.filter((one) => one.type === helperFrame.data && one.id === id);
          expect(bytesOfId).toEqual(Buffer.concat(whole.map(({ payload }) => payload.subarray(1))));
        }
      }),
      { numRuns: 300 },
    );
  });

  test("answers garbage with `corrupt` and with nothing else", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), (pieces) => {
        try {
          decode(pieces.map((piece) => Buffer.from(piece)));
        } catch (error) {
          expect(RunnerError.is(error) && error.code).toBe("corrupt");
        }
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ["shorter than its own head", [0, 0, 0, 4, helperFrame.result]],
    ["longer than any frame may be", [0, 0x40, 0, 1, helperFrame.result]],
    ["of an unknown type", [0, 0, 0, 5, 0x7f]],
    ["of a type that only the client sends", [0, 0, 0, 5, 0x01]],
    ["of data without a channel", [0, 0, 0, 5, helperFrame.data]],
  ])("refuses a frame %s", (_what, bytes) => {
    expect(() => decode([Buffer.from(bytes)])).toThrowError(/The helper on the far side sent/);
  });

  test("hands on the contents of DATA without copying them", () => {
    const chunk = frame(helperFrame.data, 7, Buffer.from("\x01contents"));
    let seen: Buffer | undefined;
    new FrameDecoder({ data: (_id, _channel, bytes) => (seen = bytes), frame: () => undefined }).push(chunk);
    expect(seen?.buffer).toBe(chunk.buffer);
  });
});

describe("records", () => {
  test("come out as they went in", () => {
    const key = fc.stringMatching(/^[a-z][A-Za-z]{0,20}$/).filter((name) => name !== "op");
    fc.assert(
      fc.property(
        fc.dictionary(key, fc.oneof(fc.string({ unit: "binary" }), fc.uint8Array(), fc.integer())),
        (fields) => {
          const writer = new RequestWriter().begin(9, "some.operation");
          for (const [name, value] of Object.entries(fields)) writer.field(name, value);
          const sent = writer.finish();
          expect(sent.readUInt32BE(0)).toBe(sent.length - 4);
          const record = readRecord(sent.subarray(9));
          expect(record.get("op")?.toString()).toBe("some.operation");
          for (const [name, value] of Object.entries(fields)) {
            const expected = typeof value === "object" ? Buffer.from(value) : Buffer.from(String(value));
            expect(record.get(name)).toEqual(expected);
          }
        },
      ),
    );
  });

  test("and lists too", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.uint8Array())), (items) => {
        const record = readRecord(new RequestWriter().begin(1, "x").list("items", items).finish().subarray(9));
        expect(readList(record.get("items"))).toEqual(items.map((item) => Buffer.from(item as string)));
      }),
    );
  });

  test("that are cut off or nonsense are `corrupt`, and nothing else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        for (const read of [readRecord, readList]) {
          try {
            read(Buffer.from(bytes));
          } catch (error) {
            expect(RunnerError.is(error) && error.code).toBe("corrupt");
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("frames as text", () => {
  test("survive lines cut anywhere and a carriage return", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { maxLength: 8 }),
        fc.array(fc.nat()),
        (sent, places) => {
          const received: string[] = [];
          const decoder = new TextLineDecoder((bytes) => received.push(bytes.toString("hex")));
          const text = Buffer.concat(sent.map((bytes) => textLine(Buffer.from(bytes))));
          for (const piece of cut(Buffer.from(text.toString().replaceAll("\n", "\r\n")), places)) decoder.push(piece);
          expect(received).toEqual(sent.map((bytes) => Buffer.from(bytes).toString("hex")));
        },
      ),
    );
  });

  test("that are no base64 are `corrupt`", () => {
    const decoder = new TextLineDecoder(() => undefined);
    expect(() => decoder.push(Buffer.from("logout\n"))).toThrowError(
      "The helper on the far side sent a line that is no base64",
    );
  });
});
