import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boundText, OutputWindow } from "../src/tools/output-window.js";

describe("An output window", () => {
  test("gives what fits as it is", () => {
    const window = new OutputWindow(100);
    window.add(Buffer.from("héllo\n"));
    expect(window.take(100, true)).toEqual({ text: "héllo\n", totalBytes: 7, leftOut: null });
  });

  test("cuts the middle and tells bytes and lines of what it left out", () => {
    const lines = Array.from({ length: 1_000 }, (_, index) => `${index}\n`).join("");
    const window = new OutputWindow(40);
    for (const character of lines) window.add(Buffer.from(character));
    const { text, totalBytes, leftOut } = window.take(40, true);
    expect(totalBytes).toBe(3_890);
    expect(leftOut).toEqual({ bytes: 3_850, lines: 985 });
    expect(text).toBe(
      "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n\n[... 3850 bytes in 985 lines left out ...]\n995\n996\n997\n998\n999\n",
    );
  });

  test("counts what never arrived, and does not invent its lines", () => {
    const window = new OutputWindow(100);
    window.add(Buffer.from("head\n"));
    window.gap(1_000);
    window.add(Buffer.from("tail\n"));
    const { text, totalBytes, leftOut } = window.take(100, true);
    expect({ totalBytes, leftOut }).toEqual({ totalBytes: 1_010, leftOut: { bytes: 1_000, lines: null } });
    expect(text).toBe("head\n\n[... 1000 bytes left out ...]\ntail\n");
  });

  test("keeps the beginning of a character for the next time", () => {
    const window = new OutputWindow(100);
    const euro = Buffer.from("€");
    window.add(Buffer.concat([Buffer.from("a"), euro.subarray(0, 2)]));
    expect(window.take(100, false).text).toBe("a");
    window.add(euro.subarray(2));
    expect(window.take(100, false)).toEqual({ text: "€", totalBytes: 3, leftOut: null });
  });

  test("gives all text back unchanged, wherever chunks and takes fall", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.array(fc.nat(8), { minLength: 1 }), (text, sizes) => {
        const bytes = Buffer.from(text);
        const window = new OutputWindow(bytes.length + 16);
        let taken = "";
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const size = 1 + (sizes[turn % sizes.length] ?? 0);
          window.add(bytes.subarray(at, at + size));
          at += size;
          if (size % 2 === 0) taken += window.take(1_000_000, false).text;
        }
        expect(taken + window.take(1_000_000, true).text).toBe(text);
      }),
    );
  });

  test("never gives more than it may, nor loses count", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 300 }),
        fc.integer({ min: 8, max: 64 }),
        fc.integer({ min: 8, max: 64 }),
        (text, kept, budget) => {
          const bytes = Buffer.from(text);
          const window = new OutputWindow(Math.max(kept, budget));
          for (let at = 0; at < bytes.length; at += 7) window.add(bytes.subarray(at, at + 7));
          const bounded = window.take(budget, true);
          expect(bounded.totalBytes).toBe(bytes.length);
          if (bounded.leftOut === null) expect(bounded.text).toBe(text);
          else {
            const [head = "", tail = ""] = bounded.text.split(/\n\[\.\.\. [^\]]* left out \.\.\.\]\n/);
            expect(Buffer.byteLength(head + tail)).toBeLessThanOrEqual(budget);
            expect(Buffer.byteLength(head + tail) + bounded.leftOut.bytes).toBe(bytes.length);
            expect(text.startsWith(head) && text.endsWith(tail)).toBe(true);
          }
        },
      ),
    );
  });
});

test("A text is bounded with its head and its tail", () => {
  expect(boundText("abcdefghij", 4)).toEqual({
    text: "ab\n[... 6 bytes in 0 lines left out ...]\nij",
    totalBytes: 10,
    leftOut: { bytes: 6, lines: 0 },
  });
});
