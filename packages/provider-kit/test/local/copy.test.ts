import { lstat, mkdir, mkdtemp, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pack } from "tar-stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { RestrictedSession, RunnerFiles } from "@mooring/api";
import { download } from "../../src/local.js";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "mooring-copy-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

interface HostileEntry {
  readonly name: string;
  readonly contents?: string;
  readonly linkname?: string;
  readonly mode?: number;
}

/** A far side whose directory `tree` is whatever archive the test says. */
function sessionWith(entries: readonly HostileEntry[]): Pick<RestrictedSession, "files"> {
  const archive = pack();
  for (const entry of entries) {
    if (entry.linkname === undefined) {
      archive.entry({ name: entry.name, mode: entry.mode ?? 0o644 }, entry.contents ?? "");
    } else archive.entry({ name: entry.name, type: "symlink", linkname: entry.linkname });
  }
  archive.finalize();
  const files: Partial<RunnerFiles> = {
    stat: async (path) => ({
      path: String(path),
      type: "directory",
      sizeBytes: 0,
      modifiedAtMs: 0,
      mode: 0o755,
      uid: 0,
      gid: 0,
      version: "1",
    }),
    archive: async () => Readable.toWeb(Readable.from(archive as AsyncIterable<unknown>)) as ReadableStream<Uint8Array>,
  };
  return { files: files as RunnerFiles };
}

test.each(["../outside.txt", "/outside.txt", "a/../../outside.txt"])(
  "a far side that names %s in its archive is refused and nothing lies outside the target",
  async (name) => {
    const target = join(directory, "target");
    await expect(download(sessionWith([{ name, contents: "x" }]), "tree", target)).rejects.toMatchObject({
      code: "corrupt",
    });
    await expect(lstat(join(directory, "outside.txt"))).rejects.toMatchObject({ code: "ENOENT" });
  },
);

test("a link that leaves the target is skipped and told, one that stays is made", async () => {
  const target = join(directory, "target");
  const report = await download(
    sessionWith([
      { name: "inside.txt", contents: "x" },
      { name: "good", linkname: "inside.txt" },
      { name: "bad", linkname: "../outside" },
      { name: "absolute", linkname: "/etc/passwd" },
    ]),
    "tree",
    target,
  );
  expect(report.skipped.map((entry) => entry.path)).toEqual(["bad", "absolute"]);
  expect(await readlink(join(target, "good"))).toBe("inside.txt");
  await expect(lstat(join(target, "bad"))).rejects.toMatchObject({ code: "ENOENT" });
});

test("an entry is not written through a link that an earlier entry names", async () => {
  const outside = join(directory, "outside");
  await mkdir(outside);
  const target = join(directory, "target");
  const entries = [
    { name: "door", linkname: "." },
    { name: "door/file.txt", contents: "x" },
  ];
  await download(sessionWith(entries), "tree", target).catch(() => {});
  await expect(lstat(join(outside, "file.txt"))).rejects.toMatchObject({ code: "ENOENT" });
});

test("a link that lies in the target already is not followed", async () => {
  const outside = join(directory, "outside");
  const target = join(directory, "target");
  await mkdir(outside);
  await mkdir(target);
  await symlink(outside, join(target, "door"));
  await expect(download(sessionWith([{ name: "door/file.txt", contents: "x" }]), "tree", target)).rejects.toMatchObject(
    { code: "already_exists" },
  );
  await expect(lstat(join(outside, "file.txt"))).rejects.toMatchObject({ code: "ENOENT" });
});

test("set-id bits are dropped and contents are exact", async () => {
  const target = join(directory, "target");
  await download(sessionWith([{ name: "tool", contents: "abc", mode: 0o6755 }]), "tree", target);
  expect((await lstat(join(target, "tool"))).mode & 0o7777).toBe(0o755);
  expect(await readFile(join(target, "tool"), "utf8")).toBe("abc");
});

test("patterns to ignore leave entries out", async () => {
  const target = join(directory, "target");
  await writeFile(join(directory, "unused"), "");
  const report = await download(
    sessionWith([
      { name: "keep.txt", contents: "x" },
      { name: "node_modules/left-out.txt", contents: "x" },
    ]),
    "tree",
    target,
    { ignore: ["node_modules/"] },
  );
  expect(report.files).toBe(1);
});

test("a far side that sends no archive is told as such", async () => {
  const files: Partial<RunnerFiles> = {
    ...sessionWith([]).files,
    archive: async () => new Blob(["no tar ".repeat(1_000)]).stream(),
  };
  const noArchive = { files: files as RunnerFiles };
  await expect(download(noArchive, "tree", join(directory, "target"))).rejects.toMatchObject({ code: "corrupt" });
});
