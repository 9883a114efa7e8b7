import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RetainedOutput } from "../../src/commands/retained-output.js";

describe("retained output", () => {
  test("keeps exactly the head and the tail, and counts the rest", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 20 }),
        fc.integer({ min: 0, max: 70 }),
        (pieces, maxBytes) => {
          const output = new RetainedOutput(maxBytes);
          for (const piece of pieces) output.append(piece);
          const all = Buffer.concat(pieces);
          const head = all.subarray(0, Math.ceil(maxBytes / 2));
          const tailLength = Math.min(Math.floor(maxBytes / 2), all.length - head.length);
          const kept = Buffer.concat([head, all.subarray(all.length - tailLength)]);
          const finished = output.finish();
          expect(Buffer.from(finished.bytes)).toEqual(kept);
          expect(finished.totalBytes).toBe(all.length);
          expect(finished.droppedBytes).toBe(all.length - kept.length);
          expect(finished.truncated).toBe(kept.length < all.length);
          expect(finished.headBytes).toBe(head.length);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("gives any kept byte at its own offset, and skips to the tail past a gap", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 12 }),
        fc.integer({ min: 2, max: 60 }),
        fc.nat({ max: 500 }),
        fc.integer({ min: 1, max: 30 }),
        (pieces, maxBytes, offset, maxPiece) => {
          const output = new RetainedOutput(maxBytes);
          for (const piece of pieces) output.append(piece);
          const all = Buffer.concat(pieces);
          const taken = output.take(offset, maxPiece);
          if (offset >= all.length) {
            expect(taken).toBeUndefined();
            return;
          }
          if (taken === undefined) throw new Error("nothing was taken");
          expect(taken.offset).toBeGreaterThanOrEqual(offset);
          expect(Buffer.from(taken.bytes)).toEqual(all.subarray(taken.offset, taken.offset + taken.bytes.length));
          expect(taken.bytes.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("keeps what it has before and behind bytes that never come, and joins nothing over them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 30 }))),
        fc.nat({ max: 40 }),
        (steps, maxBytes) => {
          const output = new RetainedOutput(maxBytes);
          const all: number[] = [];
          for (const step of steps) {
            if (typeof step === "number") {
              output.skip(step);
              for (let count = 0; count < step; count += 1) all.push(-1);
            } else {
              output.append(step);
              all.push(...step);
            }
          }
          for (let offset = 0; offset < all.length;) {
            const taken = output.take(offset, 7);
            if (taken === undefined) break;
            expect([...taken.bytes]).toEqual(all.slice(taken.offset, taken.offset + taken.bytes.length));
            offset = taken.offset + taken.bytes.length;
          }
          const { bytes, headBytes, totalBytes, droppedBytes } = output.finish();
          const tail = all.length - (bytes.length - headBytes);
          expect([...bytes]).toEqual([...all.slice(0, headBytes), ...all.slice(tail)]);
          expect([totalBytes, droppedBytes]).toEqual([all.length, all.length - bytes.length]);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("leaves out a character that the gap cut in two, and nothing else", () => {
    const output = new RetainedOutput(10);
    output.append(Buffer.from("abc😀 a long middle 😀xyz"));
    expect(output.finish().text()).toBe("abcxyz");
  });

  test("shows what is no UTF-8 as the replacement character", () => {
    const output = new RetainedOutput(100);
    output.append(Buffer.of(0x61, 0xff, 0x62));
    expect(output.finish().text()).toBe("a\u{fffd}b");
  });

  test("counts from where it was attached", () => {
    const output = new RetainedOutput(100, 1_000);
    output.append(Buffer.from("tail"));
    expect(output.take(0, 10)).toEqual({ offset: 1_000, bytes: new Uint8Array(Buffer.from("tail")) });
    expect(output.finish()).toMatchObject({ totalBytes: 1_004, droppedBytes: 1_000, truncated: true });
  });
});
