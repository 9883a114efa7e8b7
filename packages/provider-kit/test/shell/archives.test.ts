import { Buffer } from "node:buffer";
import { execFileSync } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, it } from "vitest";
import { type TarEntry, tarPadding } from "../../src/shell/tar/tar-entry.js";
import { tarEnd, tarHeader } from "../../src/shell/tar/tar-writer.js";
import { collected, openTestPlace, testShells } from "../support/test-shells.js";

const limits = { maxEntries: 1_000, maxTotalBytes: 10_000_000 };

type TestEntry = Partial<TarEntry> & { readonly name: string; readonly contents?: string };

function tar(...entries: readonly TestEntry[]): ReadableStream<Uint8Array> {
  const parts = entries.flatMap(({ contents = "", ...entry }) => {
    const bytes = Buffer.from(contents);
    const header = tarHeader({
      type: "file",
      mode: 0o644,
      modifiedAtSeconds: 1_000,
      target: "",
      sizeBytes: bytes.length,
      ...entry,
    });
    return [header, bytes, Buffer.alloc(tarPadding(bytes.length))];
  });
  return new Blob([...parts, tarEnd].map((part) => Uint8Array.from(part))).stream();
}

describe.each(testShells)("archives over $name", (shell) => {
  it("hold a tree as it is, for any tar to read, and unpack to the same", async () => {
    await using place = await openTestPlace(shell);
    const { files } = place.far;
    const { root, outside } = place;
    const long = `${"long".repeat(30)}/${"name".repeat(20)}`;
    mkdirSync(`${root}/tree/${long}`, { recursive: true });
    mkdirSync(`${root}/tree/node_modules/x`, { recursive: true });
    writeFileSync(`${root}/tree/run`, "#!/bin/sh\n", { mode: 0o755 });
    writeFileSync(`${root}/tree/${long}/data`, Buffer.alloc(100_001, 7));
    writeFileSync(`${root}/tree/two\nlines`, "lines");
    symlinkSync("run", `${root}/tree/link`);
    execFileSync("mkfifo", [`${root}/tree/fifo`]);
    const bytes = Buffer.concat(await collected(await files.archive("tree", { exclude: ["node_modules"] })));
    writeFileSync(`${outside}/archive.tar`, bytes);
    const names = execFileSync("tar", ["--quoting-style=literal", "-tf", `${outside}/archive.tar`], {
      encoding: "utf8",
    });
    expect(names).toContain(`${long}/data\n`);
    expect(names).toContain("fifo\n");
    expect(names).not.toMatch(/node_modules|^\.\//m);
    mkdirSync(`${root}/copy`);
    const report = await files.extract("copy", new Blob([bytes]).stream(), limits);
    expect(report).toMatchObject({ totalBytes: 100_016, skipped: [{ path: "fifo" }] });
    expect(readFileSync(`${root}/copy/${long}/data`).equals(Buffer.alloc(100_001, 7))).toBe(true);
    expect(readFileSync(`${root}/copy/two\nlines`, "utf8")).toBe("lines");
    expect(statSync(`${root}/copy/run`).mode & 0o777).toBe(0o755);
    expect(readlinkSync(`${root}/copy/link`)).toBe("run");
    expect(readdirSync(`${root}/copy`).includes("node_modules")).toBe(false);
  });

  it("of one file hold that file", async () => {
    await using place = await openTestPlace(shell);
    writeFileSync(`${place.root}/one`, "1");
    const bytes = Buffer.concat(await collected(await place.far.files.archive("one")));
    await place.far.files.makeDirectory("to");
    expect(await place.far.files.extract("to", new Blob([bytes]).stream(), limits)).toMatchObject({
      entries: 1,
      totalBytes: 1,
    });
    expect(readFileSync(`${place.root}/to/one`, "utf8")).toBe("1");
    await expect(place.far.files.archive("none")).rejects.toMatchObject({ code: "not_found" });
  });

  it("do not unpack what leaves the directory; what came before stays", async () => {
    await using place = await openTestPlace(shell);
    const { files } = place.far;
    const { root, outside } = place;
    mkdirSync(`${root}/to`);
    symlinkSync(outside, `${root}/to/planted`);
    symlinkSync("elsewhere", `${root}/to/file`);
    const hostile: readonly TestEntry[] = [
      { name: "../evil", contents: "x" },
      { name: "/etc/evil", contents: "x" },
      { name: "a/../../evil", contents: "x" },
      { name: "planted/evil", contents: "x" },
      { name: "planted", type: "directory" },
      { name: "out", type: "symlink", target: outside },
      { name: "up", type: "symlink", target: "../outside" },
      { name: "hard", type: "hardlink", target: "../kept" },
      { name: "hard", type: "hardlink", target: "planted" },
    ];
    writeFileSync(`${root}/kept`, "kept");
    for (const [index, entry] of hostile.entries()) {
      const before = { name: `before-${index}`, contents: "before" };
      await expect(files.extract("to", tar(before, entry), limits), entry.name).rejects.toMatchObject({
        code: "path_escape",
      });
      expect(readFileSync(`${root}/to/before-${index}`, "utf8")).toBe("before");
    }
    const through = tar({ name: "door", type: "symlink", target: "inside" }, { name: "door/x", contents: "x" });
    await expect(files.extract("to", through, limits)).rejects.toMatchObject({ code: "path_escape" });
    // A link in a file's place is replaced, not written through.
    await files.extract("to", tar({ name: "file", contents: "file" }), limits);
    expect(lstatSync(`${root}/to/file`).isFile()).toBe(true);
    expect(readdirSync(outside)).toEqual([]);
    expect(readdirSync(root).toSorted()).toEqual(["kept", "to"]);
  });

  it("lose set-id bits, leave out devices, and hold to their limits", async () => {
    await using place = await openTestPlace(shell);
    const { files } = place.far;
    await files.makeDirectory("to");
    const report = await files.extract(
      "to",
      tar({ name: "setuid", mode: 0o6755, contents: "x" }, { name: "in/link", type: "symlink", target: "../setuid" }),
      limits,
    );
    expect(report).toEqual({ entries: 2, totalBytes: 1, skipped: [] });
    expect(statSync(`${place.root}/to/setuid`).mode & 0o7777).toBe(0o755);
    expect(readFileSync(`${place.root}/to/in/link`, "utf8")).toBe("x");
    const two = [
      { name: "1", contents: "12345" },
      { name: "2", contents: "12345" },
    ] as const;
    await expect(files.extract("to", tar(...two), { ...limits, maxEntries: 1 })).rejects.toMatchObject({
      code: "resource_exhausted",
    });
    await expect(files.extract("to", tar(...two), { ...limits, maxTotalBytes: 9 })).rejects.toMatchObject({
      code: "resource_exhausted",
    });
    await expect(files.extract("to", new Blob([Buffer.alloc(700, 1)]).stream(), limits)).rejects.toMatchObject({
      code: "corrupt",
    });
    await expect(files.extract("none", tar(), limits)).rejects.toMatchObject({ code: "not_found" });
  });
});
