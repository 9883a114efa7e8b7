import { createHash } from "node:crypto";
import { appendFileSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { RestrictedSession, RunnerFiles } from "@mooring/api";
import { upload } from "../../src/local.js";
import { localTree } from "../../src/local/local-tree.js";
import { CopyCounter, type CopyProgress } from "../../src/local/copy-progress.js";
import { DiskPace } from "../../src/local/disk-pace.js";
import { treeArchive } from "../../src/local/tree-archive.js";
import { UploadPlace } from "../support/upload-place.js";
import ignore from "ignore";

let place: UploadPlace;

beforeEach(async () => {
  place = await UploadPlace.open();
});

afterEach(async () => {
  await place[Symbol.asyncDispose]();
});

/** The session, with something that happens when the archive is about to be read. */
function beforeExtract(change: () => void): Pick<RestrictedSession, "files"> {
  const { files } = place.session;
  const changing: Pick<RunnerFiles, "stat" | "list" | "makeDirectory" | "extract"> = {
    stat: (...call) => files.stat(...call),
    list: (...call) => files.list(...call),
    makeDirectory: (...call) => files.makeDirectory(...call),
    extract: (...call) => {
      change();
      return files.extract(...call);
    },
  };
  return { files: changing as RunnerFiles };
}

/** A disk that is known to be slow. */
function slowDisk(): DiskPace {
  const pace = new DiskPace();
  const untilMs = performance.now() + 30;
  pace.atOnce(() => {
    while (performance.now() < untilMs);
  });
  return pace;
}

test("files of all sizes, names and modes arrive as they are, with their times to the millisecond", async () => {
  const contents = new Map<string, Buffer>();
  for (const size of [0, 1, 511, 512, 513, 10_000, 262_143, 262_144, 262_145, 1_000_000]) {
    contents.set(`sizes/${size}`, Buffer.alloc(size, `${size} `));
  }
  contents.set(`deep/${"long-name/".repeat(15)}file`, Buffer.from("deep"));
  contents.set("h\u00e9llo \u4e16", Buffer.from("name"));
  for (const [name, bytes] of contents) place.write(name, bytes, 1_600_000_000_789, 0o640);
  const report = await upload(place.session, place.local, "tree");
  expect(report).toMatchObject({
    files: contents.size,
    bytes: [...contents.values()].reduce((sum, { length }) => sum + length, 0),
  });
  for (const [name, bytes] of contents) {
    const copied = path.join(place.remote, name);
    expect(readFileSync(copied).equals(bytes)).toBe(true);
    expect([statSync(copied).mode & 0o7777, statSync(copied).mtimeMs]).toEqual([0o640, 1_600_000_000_789]);
  }
});

test.each([
  ["a small file that grew", 20, (file: string) => appendFileSync(file, "more")],
  ["a small file that shrank", 20, (file: string) => truncateSync(file, 5)],
  ["a large file that grew", 400_000, (file: string) => appendFileSync(file, "more")],
  ["a large file that shrank", 400_000, (file: string) => truncateSync(file, 300_000)],
  [
    "a file that became a link",
    20,
    (file: string) => {
      rmSync(file);
      symlinkSync("other", file);
    },
  ],
])("%s while it was being copied is a conflict, and is not put in place", async (_what, size, change) => {
  const file = place.write("changing", Buffer.alloc(size, "x"));
  const session = beforeExtract(() => change(file));
  await expect(upload(session, place.local, "tree")).rejects.toMatchObject({ code: "conflict", retryable: true });
  await expect(place.session.files.stat("tree/changing")).rejects.toMatchObject({ code: "not_found" });
});

test("a file that is gone meanwhile is told by its name", async () => {
  const file = place.write("going", "x");
  const session = beforeExtract(() => rmSync(file));
  await expect(upload(session, place.local, "tree")).rejects.toMatchObject({
    code: "not_found",
    message: expect.stringContaining(file),
  });
});

test("the far side's own reason is told, not that of the stream it left", async () => {
  place.write("file", Buffer.alloc(3_000_000));
  const session = beforeExtract(() => {
    rmSync(place.remote, { recursive: true });
    writeFileSync(place.remote, "");
  });
  await expect(upload(session, place.local, "tree")).rejects.toMatchObject({ code: "already_exists" });
});

test("progress rises to the totals of what has to be copied", async () => {
  place.write("kept", "kept");
  await upload(place.session, place.local, "tree");
  for (const name of ["a", "b", "c"]) place.write(name, Buffer.alloc(1_000));
  place.write("large", Buffer.alloc(600_000));
  const seen: CopyProgress[] = [];
  const report = await upload(place.session, place.local, "tree", { onProgress: (progress) => seen.push(progress) });
  expect(report).toMatchObject({ files: 4, bytes: 603_000, unchanged: 1 });
  expect(seen.at(-1)).toEqual({ files: 4, bytes: 603_000, totalFiles: 4, totalBytes: 603_000 });
  const bytes = seen.map((progress) => progress.bytes);
  expect(bytes).toEqual(bytes.toSorted((left, right) => left - right));
  expect(seen.every(({ totalFiles, totalBytes }) => totalFiles === 4 && totalBytes === 603_000)).toBe(true);
});

test("an abort ends it, in the middle too", async () => {
  place.write("large", Buffer.alloc(30_000_000));
  const controller = new AbortController();
  const copying = upload(place.session, place.local, "tree", {
    signal: controller.signal,
    onProgress: () => controller.abort(),
  });
  await expect(copying).rejects.toMatchObject({ code: "cancelled" });
  await expect(upload(place.session, place.local, "tree", { signal: controller.signal })).rejects.toThrow("abort");
  await expect(place.session.files.stat("tree/large")).rejects.toMatchObject({ code: "not_found" });
});

test("a large file is held in pieces, however slowly they are taken", async () => {
  const size = 64 * 1_048_576;
  const file = place.write("large", "");
  truncateSync(file, size);
  const counter = new CopyCounter();
  const entries = await localTree(place.local, ignore(), counter, new DiskPace(), undefined);
  const sizes: number[] = [];
  for await (const piece of treeArchive(entries, counter, new DiskPace())) {
    sizes.push(piece.length);
    // Counted when the next is asked for: nothing was read ahead of its reader.
    expect(counter.bytes).toBeLessThanOrEqual(sizes.reduce((sum, length) => sum + length, 0));
    expect(piece.length).toBeLessThanOrEqual(262_144);
  }
  expect(counter.bytes).toBe(size);
});

test("a slow disk is read by several threads, and the archive is the same", async () => {
  for (let index = 0; index < 200; index += 1) place.write(`many/${index}`, Buffer.alloc(5_000, `${index} `));
  const digest = async (pace: DiskPace) => {
    const counter = new CopyCounter();
    const entries = await localTree(place.local, ignore(), counter, pace, undefined);
    const hash = createHash("sha256");
    for await (const piece of treeArchive(entries, counter, pace)) hash.update(piece);
    expect(counter.files).toBe(200);
    return hash.digest("hex");
  };
  const slow = slowDisk();
  expect(slow.isSlow).toBe(true);
  expect(await digest(slow)).toBe(await digest(new DiskPace()));
  const entries = await localTree(place.local, ignore(), new CopyCounter(), slow, undefined);
  appendFileSync(path.join(place.local, "many/199"), "more");
  const archive = treeArchive(entries, new CopyCounter(), slow);
  await expect(drained(archive)).rejects.toMatchObject({ code: "conflict" });
});

async function drained(archive: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const piece of archive) bytes += piece.length;
  return bytes;
}

test("a single file goes where it is sent, with its mode", async () => {
  const file = place.write("single", Buffer.alloc(700_000, "single "), undefined, 0o755);
  const report = await upload(place.session, file, "made/single");
  expect(report).toMatchObject({ files: 1, bytes: 700_000, unchanged: 0 });
  const copied = path.join(place.workspace, "made/single");
  expect(statSync(copied).mode & 0o7777).toBe(0o755);
  expect(readFileSync(copied).equals(readFileSync(file))).toBe(true);
});
