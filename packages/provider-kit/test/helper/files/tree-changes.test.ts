import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readlinkSync, statSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FileClient } from "../../support/file-client.js";
import { FileWorkspace, treeOf } from "../../support/file-workspace.js";

let place: FileWorkspace;
let helper: FileClient;

beforeEach(async () => {
  place = new FileWorkspace();
  helper = await place.open();
});

afterEach(async () => {
  await place[Symbol.asyncDispose]();
});

describe("file.makeDirectory", () => {
  it("makes parents, and is content with what is there", async () => {
    await helper.request("file.makeDirectory", { path: "a/b/c" });
    await helper.request("file.makeDirectory", { path: "a/b/c/" });
    await helper.request("file.makeDirectory", { path: "." });
    expect(statSync(place.at("a/b/c")).isDirectory()).toBe(true);
  });

  it("gives the last one the exact mode", async () => {
    await helper.request("file.makeDirectory", { path: "a/b", mode: 0o775 });
    expect(statSync(place.at("a/b")).mode & 0o7777).toBe(0o775);
    expect(statSync(place.at("a")).mode & 0o7777).toBe(0o777 & ~process.umask());
  });

  it("refuses where something else is in its place", async () => {
    place.write("file");
    symlinkSync("nowhere", place.at("dangling"));
    for (const name of ["file", "file/inner", "dangling"]) {
      await expect(helper.request("file.makeDirectory", { path: name })).rejects.toMatchObject({
        record: { errno: "EEXIST" },
      });
    }
  });
});

describe("file.remove", () => {
  it("removes a file, a link, an empty directory", async () => {
    place.write("file");
    place.write("kept");
    symlinkSync("kept", place.at("link"));
    mkdirSync(place.at("empty"));
    for (const name of ["file", "link", "empty"]) await helper.request("file.remove", { path: name });
    expect(readdirSync(place.workspace)).toEqual(["kept"]);
  });

  it("removes a tree only when asked to, and follows no link in it", async () => {
    place.write("kept/file", "kept");
    place.write("tree/a/b/file");
    place.write("tree/other");
    symlinkSync("../../kept", place.at("tree/a/link"));
    symlinkSync(place.outside, place.at("tree/outside"));
    await expect(helper.request("file.remove", { path: "tree" })).rejects.toMatchObject({
      record: { errno: "ENOTEMPTY" },
    });
    await helper.request("file.remove", { path: "tree", recursive: true });
    expect(readdirSync(place.workspace)).toEqual(["kept"]);
    expect(place.read("kept/file")).toBe("kept");
    expect(Object.keys(treeOf(place.outside))).toEqual(["secret"]);
  });

  it("removes a tree of 600 levels", async () => {
    const deep = Array.from({ length: 600 }, () => "d").join("/");
    mkdirSync(place.at("tree", deep), { recursive: true });
    await helper.request("file.remove", { path: "tree", recursive: true });
    expect(existsSync(place.at("tree"))).toBe(false);
  });

  it("never removes a root", async () => {
    place.write("file");
    for (const name of [".", "", place.workspace, "a/.."]) {
      await expect(helper.request("file.remove", { path: name, recursive: true })).rejects.toMatchObject({
        record: { code: "invalid_request" },
      });
    }
    expect(readdirSync(place.workspace)).toEqual(["file"]);
  });

  it("says what is missing", async () => {
    await expect(helper.request("file.remove", { path: "gone", recursive: true })).rejects.toMatchObject({
      record: { errno: "ENOENT", path: "gone" },
    });
  });
});

describe("file.rename", () => {
  it("replaces what is at the destination", async () => {
    place.write("from", "new");
    place.write("to", "old");
    await helper.request("file.rename", { from: "from", to: "to" });
    expect(readdirSync(place.workspace)).toEqual(["to"]);
    expect(place.read("to")).toBe("new");
  });

  it("moves a link and a directory as they are", async () => {
    symlinkSync("anywhere", place.at("link"));
    place.write("tree/file", "x");
    await helper.request("file.rename", { from: "link", to: "moved" });
    await helper.request("file.rename", { from: "tree", to: "other" });
    expect(readlinkSync(place.at("moved"))).toBe("anywhere");
    expect(place.read("other/file")).toBe("x");
  });

  it("refuses a root and what is missing", async () => {
    await expect(helper.request("file.rename", { from: ".", to: "x" })).rejects.toMatchObject({
      record: { code: "invalid_request" },
    });
    await expect(helper.request("file.rename", { from: "gone", to: "x" })).rejects.toMatchObject({
      record: { errno: "ENOENT", path: "gone" },
    });
  });
});

describe("file.copy", () => {
  it("copies a file with its mode, and over another", async () => {
    chmodSync(place.write("script", "body"), 0o755);
    await helper.request("file.copy", { from: "script", to: "copy" });
    expect(statSync(place.at("copy")).mode & 0o7777).toBe(0o755);
    place.write("old", "old");
    await helper.request("file.copy", { from: "script", to: "old" });
    expect(place.read("old")).toBe("body");
  });

  it("copies a tree with modes and links, and drops set-id bits", async () => {
    chmodSync(place.write("tree/a/file", "x"), 0o4755);
    chmodSync(place.write("tree/read-only/file", "y"), 0o400);
    chmodSync(place.at("tree/read-only"), 0o555);
    symlinkSync("a/file", place.at("tree/link"));
    await helper.request("file.copy", { from: "tree", to: "copy" });
    chmodSync(place.at("tree/a/file"), 0o755);
    expect(treeOf(place.at("copy"))).toEqual(treeOf(place.at("tree")));
  });

  it("refuses a destination that exists, a copy into itself, and a FIFO, and leaves nothing half made", async () => {
    place.write("tree/a/file", "x");
    mkdirSync(place.at("there"));
    for (const to of ["there", "tree"]) {
      await expect(helper.request("file.copy", { from: "tree", to })).rejects.toMatchObject({
        record: { errno: "EEXIST" },
      });
    }
    await expect(helper.request("file.copy", { from: "tree/a/file", to: "there" })).rejects.toMatchObject({
      record: { errno: "EEXIST" },
    });
    await expect(helper.request("file.copy", { from: "tree", to: "tree/a/copy" })).rejects.toMatchObject({
      record: { code: "invalid_request" },
    });
    execFileSync("mkfifo", [place.at("tree/fifo")]);
    await expect(helper.request("file.copy", { from: "tree", to: "copy" })).rejects.toMatchObject({
      record: { code: "invalid_request", path: "tree/fifo" },
    });
    expect(readdirSync(place.workspace).toSorted()).toEqual(["there", "tree"]);
  });
});
