import { mkdirSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FileClient } from "../../support/file-client.js";
import { FileWorkspace, treeOf } from "../../support/file-workspace.js";

// The walk of descriptors takes over where there is no openat2: a call number that no kernel has makes it so.
const variants = [
  { kernel: "with openat2", source: (source: string) => source },
  {
    kernel: "without openat2",
    source: (source: string) => source.replace("'openat2'           => [437, 437]", "'openat2' => [9999, 9999]"),
  },
];

describe.each(variants)("paths that lead outside, $kernel", ({ source }) => {
  let place: FileWorkspace;
  let helper: FileClient;
  let before: Record<string, string>;

  beforeEach(async () => {
    place = new FileWorkspace();
    mkdirSync(path.join(place.outside, "directory"));
    writeFileSync(path.join(place.outside, "directory", "inner"), "outside");
    place.write("inside/file", "inside");
    place.write("inside/tree/file", "inside");
    mkdirSync(path.join(place.base, "workspace-evil"));
    writeFileSync(path.join(place.base, "workspace-evil", "secret"), "outside");
    symlinkSync("../outside", place.at("relative"));
    symlinkSync(place.outside, place.at("absolute"));
    symlinkSync("..", place.at("parent"));
    symlinkSync("../outside/secret", place.at("to-file"));
    symlinkSync("../outside/not-yet", place.at("dangling"));
    symlinkSync("inside/../../outside", place.at("inside-first"));
    symlinkSync("relative", place.at("chain"));
    symlinkSync("/proc/self/root", place.at("magic-root"));
    symlinkSync("/proc/self/cwd", place.at("magic-cwd"));
    before = treeOf(place.outside);
    helper = await place.open({ source });
  });

  afterEach(async () => {
    expect(treeOf(place.outside)).toEqual(before);
    await place[Symbol.asyncDispose]();
  });

  const directories = [
    "relative",
    "absolute",
    "parent/outside",
    "inside-first",
    "chain",
    "..//outside",
    "inside/../../outside",
    "../workspace-evil",
  ];
  const files = [
    ...directories.map((name) => `${name}/secret`),
    "to-file",
    "dangling",
    "parent/outside/secret",
    "magic-root/etc/passwd",
    "magic-cwd/etc/passwd",
    "/etc/passwd",
    "/proc/self/root/etc/passwd",
    "/proc/self/cwd/etc/passwd",
    "/dev/fd/0",
    "/",
    "..",
    "/..",
    "inside/../..",
  ];

  it.each(files)("refuses %s for every verb", async (name) => {
    const requests: [string, Record<string, string | number | boolean>][] = [
      ["file.read", { path: name, offset: 0, maxBytes: 10 }],
      ["file.readStream", { path: name, offset: 0 }],
      ["file.stat", { path: name, follow: true }],
      ["file.write", { path: name, contents: "x" }],
      ["file.write", { path: name, contents: "x", ifVersion: "" }],
      ["file.write", { path: `${name}/a/b`, contents: "x", createParents: true }],
      ["file.makeDirectory", { path: `${name}/a` }],
      ["file.list", { path: name, depth: 3 }],
      ["file.glob", { path: name, pattern: "^.*$" }],
      ["file.grep", { path: name, pattern: "outside", maxLineBytes: 100 }],
      ["file.remove", { path: `${name}/x`, recursive: true }],
      ["file.rename", { from: `${name}/x`, to: "stolen" }],
      ["file.rename", { from: "inside/file", to: `${name}/x` }],
      ["file.copy", { from: name, to: "stolen" }],
      ["file.copy", { from: "inside/file", to: `${name}/x` }],
      ["file.copy", { from: "inside/tree", to: `${name}/x` }],
      ["file.archive", { path: name }],
      ["file.watch", { path: name, recursive: true }],
      ["file.extract", { path: name, maxEntries: 10, maxTotalBytes: 10 }],
    ];
    for (const [op, fields] of requests) {
      const outcome = await helper.request(op, fields).then(
        () => `${op} succeeded`,
        (error: unknown) => (error as { record?: object }).record,
      );
      expect(outcome).toMatchObject({ code: expect.stringMatching(/^(path_escape|invalid_request)$/) });
    }
    expect(treeOf(place.workspace)).not.toHaveProperty("stolen");
  });

  it.each(directories)("refuses to touch a file in %s", async (name) => {
    for (const [op, fields] of [
      ["file.remove", { path: `${name}/secret` }],
      ["file.remove", { path: `${name}/directory`, recursive: true }],
      ["file.rename", { from: `${name}/secret`, to: "stolen" }],
      ["file.rename", { from: "inside/file", to: `${name}/secret` }],
      ["file.write", { path: `${name}/directory/inner`, contents: "x" }],
    ] as const) {
      await expect(helper.request(op, fields)).rejects.toMatchObject({ record: { code: "path_escape" } });
    }
  });

  it("removes and renames a link that leads outside as what it is", async () => {
    await helper.request("file.rename", { from: "relative", to: "renamed" });
    expect(readlinkSync(place.at("renamed"))).toBe("../outside");
    await helper.request("file.remove", { path: "renamed", recursive: true });
    await helper.request("file.remove", { path: "to-file" });
    expect((await helper.request("file.stat", { path: "dangling" })).result["type"]).toBe("symlink");
  });

  it("shows links that lead outside in a listing, and nothing behind them", async () => {
    const paths = (await helper.records("file.list", { path: ".", depth: 9 })).map((record) => record["path"] ?? "");
    expect(paths).toContain(place.at("relative"));
    expect(paths.filter((name) => name.includes("secret"))).toEqual([]);
    expect(await helper.records("file.grep", { path: ".", pattern: "outside", maxLineBytes: 100 })).toEqual([]);
  });

  it("follows links that stay inside, absolute ones too", async () => {
    symlinkSync(place.at("inside/file"), place.at("absolute-inside"));
    symlinkSync("../inside/tree/../file", place.at("inside/round-about"));
    symlinkSync("../workspace/inside", place.at("out-and-in"));
    for (const name of ["absolute-inside", "inside/round-about", "out-and-in/file", "inside/../inside/file"]) {
      expect((await helper.request("file.read", { path: name, offset: 0, maxBytes: 10 })).data.toString()).toBe(
        "inside",
      );
    }
  });

  it("ends on a circle of links", async () => {
    symlinkSync("circle-b", place.at("circle-a"));
    symlinkSync("circle-a", place.at("circle-b"));
    await expect(helper.request("file.read", { path: "circle-a", offset: 0, maxBytes: 1 })).rejects.toMatchObject({
      record: { code: "path_escape" },
    });
  });
});

describe.each(variants)("read and write roots, $kernel", ({ source }) => {
  let place: FileWorkspace;
  let helper: FileClient;
  let readable: string;
  let writable: string;

  beforeEach(async () => {
    place = new FileWorkspace();
    readable = path.join(place.base, "readable");
    writable = path.join(place.base, "writable");
    for (const root of [readable, writable]) {
      mkdirSync(root);
      writeFileSync(path.join(root, "file"), "root");
    }
    mkdirSync(place.at("nested"));
    // A root may be given by a link; its real path and its given one both name it.
    symlinkSync("readable", path.join(place.base, "alias"));
    helper = await place.open({
      source,
      readRoots: [path.join(place.base, "alias"), place.at("nested")],
      writeRoots: [writable],
    });
  });

  afterEach(async () => {
    await place[Symbol.asyncDispose]();
  });

  const read = async (name: string) =>
    (await helper.request("file.read", { path: name, offset: 0, maxBytes: 10 })).data.toString();

  it("reads in all of them, by each spelling and through links from one to another", async () => {
    symlinkSync("../readable/file", place.at("relative"));
    symlinkSync(path.join(writable, "file"), place.at("absolute"));
    symlinkSync(path.join(place.base, "alias", "file"), place.at("by-alias"));
    for (const name of [
      path.join(readable, "file"),
      path.join(place.base, "alias/file"),
      path.join(writable, "file"),
      "relative",
      "absolute",
      "by-alias",
    ]) {
      expect(await read(name)).toBe("root");
    }
  });

  it("writes in the write roots only", async () => {
    await helper.request("file.write", { path: path.join(writable, "new"), contents: "x" });
    await helper.request("file.makeDirectory", { path: path.join(writable, "a/b") });
    symlinkSync(path.join(writable, "through"), place.at("through"));
    await helper.request("file.write", { path: "through", contents: "y" });
    expect(await read(path.join(writable, "through"))).toBe("y");
    symlinkSync(path.join(readable, "file"), place.at("to-readable"));
    for (const name of [path.join(readable, "file"), path.join(readable, "new"), "to-readable"]) {
      await expect(helper.request("file.write", { path: name, contents: "x" })).rejects.toMatchObject({
        record: { code: "permission_denied" },
      });
    }
    await expect(helper.request("file.remove", { path: path.join(readable, "file") })).rejects.toMatchObject({
      record: { code: "permission_denied" },
    });
    expect(await read(path.join(readable, "file"))).toBe("root");
  });

  it("writes in a read root that lies in the workspace", async () => {
    await helper.request("file.write", { path: place.at("nested/file"), contents: "x" });
    await helper.request("file.write", { path: "nested/other", contents: "x" });
  });

  it("removes, renames or replaces no root, by whatever name", async () => {
    place.write("file");
    for (const [op, fields] of [
      ["file.remove", { path: "nested" }],
      ["file.remove", { path: writable, recursive: true }],
      ["file.rename", { from: "nested", to: "other" }],
      ["file.rename", { from: "file", to: "nested" }],
    ] as const) {
      await expect(helper.request(op, fields)).rejects.toMatchObject({ record: { code: "invalid_request" } });
    }
  });
});
