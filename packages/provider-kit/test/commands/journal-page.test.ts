import type { RunnerOutputPage } from "@mooring/api";
import { expect, test } from "vitest";
import { journalPage } from "../../src/commands/journal-page.js";

const written = Buffer.from("0123456789abcdefghij");

const readJournal = async (_stream: string, offset: number, maxBytes: number) =>
  new Uint8Array(written.subarray(offset, offset + maxBytes));

/** As of a handle that keeps four bytes at either end of standard output. */
function page(from: number): RunnerOutputPage {
  const tail = { stream: "stdout", offset: 16, bytes: written.subarray(16) } as const;
  const head = { stream: "stdout", offset: from, bytes: written.subarray(from, 4) } as const;
  return {
    chunks: from < 4 ? [head, tail] : [tail],
    cursor: { stdout: 20, stderr: 0 },
    dropped: [{ stream: "stdout", offset: Math.max(4, from), end: 16 }],
    ended: true,
  };
}

test("what is held here goes first, up to the gap", async () => {
  const found = await journalPage(page(1), 100, () => Promise.reject(new Error("not asked")));
  expect(found.chunks.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(["123"]);
  expect(found).toMatchObject({ cursor: { stdout: 4, stderr: 0 }, dropped: [], ended: false });
});

test("the gap is read from the journal, within the page's size and not past the gap", async () => {
  const first = await journalPage(page(4), 10, readJournal);
  expect(first.chunks).toEqual([{ stream: "stdout", offset: 4, bytes: new Uint8Array(written.subarray(4, 14)) }]);
  expect(first).toMatchObject({ cursor: { stdout: 14 }, dropped: [], ended: false });
  const second = await journalPage(page(14), 10, readJournal);
  expect(second.chunks[0]?.bytes).toEqual(new Uint8Array(written.subarray(14, 16)));
});

test("a journal that lacks what it should hold is corrupt", async () => {
  await expect(journalPage(page(4), 10, async () => new Uint8Array())).rejects.toMatchObject({ code: "corrupt" });
});
