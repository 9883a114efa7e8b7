import {
  chmodSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { upload } from "../../src/local.js";
import { sentTimeMs } from "../../src/local/tree-archive.js";
import { UploadPlace } from "../support/upload-place.js";

let place: UploadPlace;

beforeEach(async () => {
  place = await UploadPlace.open();
  place.write("a/one", "one");
  place.write("a/two", "two");
  place.write("three", "three");
  symlinkSync("three", path.join(place.local, "link"));
});

afterEach(async () => {
  await place[Symbol.asyncDispose]();
});

const copy = (options = {}) => upload(place.session, place.local, "tree", options);

test("a second copy of the same tree copies nothing, and says so", async () => {
  expect(await copy()).toMatchObject({ files: 3, links: 1, directories: 1, unchanged: 0, bytes: 11 });
  const inode = place.inode("a/one");
  expect(await copy()).toEqual({ files: 0, links: 0, directories: 0, bytes: 0, unchanged: 4, skipped: [] });
  expect(place.inode("a/one")).toBe(inode);
});

test("everything is copied all the same when that is asked for", async () => {
  await copy();
  const inode = place.inode("a/one");
  expect(await copy({ copyUnchanged: true })).toMatchObject({ files: 3, links: 1, unchanged: 0, bytes: 11 });
  expect(place.inode("a/one")).not.toBe(inode);
});

test("only the file that changed is copied, and its directory keeps its time", async () => {
  const modifiedAt = new Date(1_600_000_001_500);
  utimesSync(path.join(place.local, "a"), modifiedAt, modifiedAt);
  await copy();
  place.write("a/one", "more than one", 1_600_000_002_000);
  utimesSync(path.join(place.local, "a"), modifiedAt, modifiedAt);
  expect(await copy()).toMatchObject({ files: 1, directories: 1, links: 0, unchanged: 3, bytes: 13 });
  expect(place.copied("a/one")).toBe("more than one");
  expect(statSync(path.join(place.remote, "a")).mtimeMs).toBe(modifiedAt.getTime());
});

test("a change of the same size within the same second is copied", async () => {
  await copy();
  place.write("a/one", "ONE", 1_600_000_000_124);
  expect(await copy()).toMatchObject({ files: 1, unchanged: 3 });
  expect(place.copied("a/one")).toBe("ONE");
});

test("an older file of the same size that takes another's name is copied", async () => {
  await copy();
  place.write("a/one", "OLD", 1_600_000_000_122);
  expect(await copy()).toMatchObject({ files: 1, unchanged: 3 });
  expect(place.copied("a/one")).toBe("OLD");
});

test("a file that may change once more without another time is copied again", async () => {
  // As long as its time is not past, every change in it may leave it as it is.
  const modifiedAtMs = Date.now() + 3_600_123;
  place.write("a/one", "one", modifiedAtMs);
  await copy();
  place.write("a/one", "ONE", modifiedAtMs);
  expect(await copy()).toMatchObject({ files: 1, unchanged: 3 });
  expect(place.copied("a/one")).toBe("ONE");
});

test.each([
  ["a clock that ticks", 1_600_000_000_123, 19, 1],
  ["a clock that has ticked", 1_600_000_000_123, 20, 0],
  ["a file system that keeps whole seconds", 1_600_000_000_000, 1_999, 1],
  ["a file system that keeps whole seconds, later", 1_600_000_000_000, 2_000, 0],
  ["a time to come", 1_600_000_000_123, -1_000, 1],
])("with %s, what was modified just now gets a time of its own", (_what, modifiedAtMs, ageMs, lessMs) => {
  const sent = (type: "file" | "directory") => sentTimeMs({ type, modifiedAtMs }, modifiedAtMs + ageMs);
  expect(sent("file")).toBe(modifiedAtMs - lessMs);
  expect(sent("directory")).toBe(modifiedAtMs);
});

test("another mode is another file", async () => {
  await copy();
  chmodSync(path.join(place.local, "a/one"), 0o755);
  expect(await copy()).toMatchObject({ files: 1, unchanged: 3 });
  expect(statSync(path.join(place.remote, "a/one")).mode & 0o7777).toBe(0o755);
  chmodSync(path.join(place.remote, "three"), 0o4644);
  expect(await copy()).toMatchObject({ files: 1, unchanged: 3 });
  expect(statSync(path.join(place.remote, "three")).mode & 0o7777).toBe(0o644);
});

test("a directory's mode is carried when it is all that changed", async () => {
  await copy();
  chmodSync(path.join(place.local, "a"), 0o700);
  expect(await copy()).toMatchObject({ files: 0, directories: 1, unchanged: 4 });
  expect(statSync(path.join(place.remote, "a")).mode & 0o7777).toBe(0o700);
});

test("what was changed or removed on the far side is copied again, and what is only there stays", async () => {
  await copy();
  writeFileSync(path.join(place.remote, "three"), "THREE");
  rmSync(path.join(place.remote, "a"), { recursive: true });
  writeFileSync(path.join(place.remote, "more"), "more");
  expect(await copy()).toMatchObject({ files: 3, directories: 1, unchanged: 1 });
  expect([place.copied("three"), place.copied("a/two"), place.copied("more")]).toEqual(["three", "two", "more"]);
});

test("a link that leads elsewhere is made again", async () => {
  await copy();
  rmSync(path.join(place.remote, "link"));
  symlinkSync("a/one", path.join(place.remote, "link"));
  expect(await copy()).toMatchObject({ files: 0, links: 1, unchanged: 3 });
  expect(readlinkSync(path.join(place.remote, "link"))).toBe("three");
});

test("a link on the far side in a file's place is replaced, also one to a file that is equal", async () => {
  await copy();
  rmSync(path.join(place.remote, "a/one"));
  symlinkSync("two", path.join(place.remote, "a/one"));
  expect(await copy()).toMatchObject({ files: 1, unchanged: 3 });
  expect(lstatSync(path.join(place.remote, "a/one")).isFile()).toBe(true);
  expect(place.copied("a/two")).toBe("two");
});

test("a link on the far side that has a file's size, mode and time is none", async () => {
  place.write("three", "a/one", 1_600_000_000_123, 0o777);
  await copy();
  rmSync(path.join(place.remote, "three"));
  symlinkSync("a/one", path.join(place.remote, "three"));
  lutimesSync(path.join(place.remote, "three"), 1_600_000_000.123, 1_600_000_000.123);
  expect(await copy()).toMatchObject({ files: 1, unchanged: 3 });
  expect(lstatSync(path.join(place.remote, "three")).isFile()).toBe(true);
});

test("a directory on the far side in a file's place is an error, and stays", async () => {
  await copy();
  rmSync(path.join(place.remote, "three"));
  mkdirSync(path.join(place.remote, "three/inner"), { recursive: true });
  await expect(copy()).rejects.toMatchObject({ code: "invalid_request" });
  expect(lstatSync(path.join(place.remote, "three/inner")).isDirectory()).toBe(true);
});

test("a link on the far side in a directory's place is an error, and nothing is written through it", async () => {
  await copy();
  const elsewhere = path.join(place.workspace, "elsewhere");
  mkdirSync(elsewhere);
  rmSync(path.join(place.remote, "a"), { recursive: true });
  symlinkSync("../elsewhere", path.join(place.remote, "a"));
  await expect(copy()).rejects.toMatchObject({ code: "path_escape" });
  expect(lstatSync(path.join(place.remote, "a")).isSymbolicLink()).toBe(true);
  await expect(place.session.files.stat("elsewhere/one")).rejects.toMatchObject({ code: "not_found" });
});

test("patterns to ignore hold for what is compared too", async () => {
  place.write("node_modules/dependency", "x");
  expect(await copy({ ignore: ["node_modules/", "t*o"] })).toMatchObject({ files: 2, unchanged: 0 });
  expect(await copy({ ignore: ["node_modules/", "t*o"] })).toMatchObject({ files: 0, unchanged: 3 });
  expect(await copy()).toMatchObject({ files: 2, unchanged: 3 });
});

test("an empty tree makes its directory, and a file in its place is an error", async () => {
  rmSync(place.local, { recursive: true });
  mkdirSync(place.local);
  await copy();
  expect(statSync(place.remote).isDirectory()).toBe(true);
  rmSync(place.remote, { recursive: true });
  writeFileSync(place.remote, "");
  await expect(copy()).rejects.toMatchObject({ code: "already_exists" });
});
