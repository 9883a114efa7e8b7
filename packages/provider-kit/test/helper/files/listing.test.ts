import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FileClient } from "../../support/file-client.js";
import { FileWorkspace } from "../../support/file-workspace.js";

let place: FileWorkspace;
let helper: FileClient;

beforeEach(async () => {
  place = new FileWorkspace();
  helper = await place.open();
});

afterEach(async () => {
  await place[Symbol.asyncDispose]();
});

const names = (records: Record<string, string>[]) =>
  records.map((record) => (record["path"] ?? "").slice(place.workspace.length + 1));

/** Directories of 100 files, of which a twentieth say "needle". Made by Perl, which is several times faster at it. */
function writeManyFiles(directories: number): void {
  const program = `chdir shift; mkdir "many"; for my $d (0 .. ${directories - 1}) { mkdir "many/d$d"; for my $f (0 .. 99) {
    open my $file, '>', "many/d$d/f$f.txt"; print $file "one\ntwo ", $f % 20 ? "hay" : "needle", "\nthree\n" } }`;
  execFileSync("perl", ["-e", program, place.workspace]);
}

describe("file.list", () => {
  it("sorts by name within each directory, each directory before what is in it", async () => {
    for (const name of ["b/two", "b/one", "a.txt", "b.txt", "a/x/y"]) place.write(name);
    expect(names(await helper.records("file.list", { path: ".", depth: 9 }))).toEqual([
      "a",
      "a/x",
      "a/x/y",
      "a.txt",
      "b",
      "b/one",
      "b/two",
      "b.txt",
    ]);
    expect(names(await helper.records("file.list", { path: ".", depth: 1 }))).toEqual(["a", "a.txt", "b", "b.txt"]);
    expect(names(await helper.records("file.list", { path: "a", depth: 2 }))).toEqual(["a/x", "a/x/y"]);
  });

  it("tells what each entry is", async () => {
    place.write("file", "12345");
    symlinkSync("file", place.at("link"));
    mkdirSync(place.at("directory"));
    const records = await helper.records("file.list", { path: ".", depth: 1 });
    expect(records.map(({ type }) => type)).toEqual(["directory", "file", "symlink"]);
    expect(records[1]).toMatchObject({ size: "5", path: place.at("file") });
    expect(records[2]).toMatchObject({ target: "file" });
    expect(records[1]?.["version"]).toBe((await helper.request("file.stat", { path: "file" })).result["version"]);
  });

  it("passes over what is excluded and stops at the limit", async () => {
    for (const name of ["a", "b", "node_modules/x", "sub/node_modules/y", "sub/z"]) place.write(name);
    const exclude = ["^(?:.*/)?node_modules$"];
    expect(names(await helper.records("file.list", { path: ".", depth: 9, exclude }))).toEqual([
      "a",
      "b",
      "sub",
      "sub/z",
    ]);
    const limited = await helper.request("file.list", { path: ".", depth: 9, exclude, limit: 2 });
    expect(limited.result).toMatchObject({ truncated: "1" });
    const exact = await helper.request("file.list", { path: ".", depth: 9, exclude, limit: 4 });
    expect(exact.result).not.toHaveProperty("truncated");
  });

  it("refuses a file and names what is missing", async () => {
    place.write("file");
    await expect(helper.request("file.list", { path: "file", depth: 1 })).rejects.toMatchObject({
      record: { errno: "ENOTDIR" },
    });
    await expect(helper.request("file.list", { path: "gone", depth: 1 })).rejects.toMatchObject({
      record: { errno: "ENOENT", path: "gone" },
    });
  });

  it("stops at the end of its credit, and goes on with more", async () => {
    for (let file = 0; file < 2000; file++) place.write(`file-${file}`);
    const listing = helper.start("file.list", { path: ".", depth: 1, credit: 65_536 });
    listing.grants = false;
    await listing.until(() => listing.pieces.length > 0);
    await helper.request("file.stat", { path: "." });
    expect(listing.pieces.reduce((sum, piece) => sum + piece.length, 0)).toBeLessThanOrEqual(65_536);
    listing.grant(10_000_000);
    await listing.done;
    expect(listing.records().length).toBe(2000);
  });
});

describe("file.glob", () => {
  it("matches the path beneath the start, and enters hidden directories only when asked to", async () => {
    for (const name of ["a.ts", "b.js", "src/c.ts", "src/.hidden/d.ts", ".git/e.ts"]) place.write(name);
    expect(names(await helper.records("file.glob", { path: ".", pattern: "^(?:.*/)?[^/]*\\.ts$" }))).toEqual([
      "a.ts",
      "src/c.ts",
    ]);
    expect(
      names(await helper.records("file.glob", { path: ".", pattern: "^(?:.*/)?[^/]*\\.ts$", hidden: true })),
    ).toEqual([".git/e.ts", "a.ts", "src/.hidden/d.ts", "src/c.ts"]);
    expect(names(await helper.records("file.glob", { path: "src", pattern: "^[^/]*$", maxDepth: 1 }))).toEqual([
      "src/c.ts",
    ]);
  });

  it("refuses what is no regular expression, and runs no code in one", async () => {
    for (const pattern of ["(", "(?{ die })", "(??{ 1 })"]) {
      await expect(helper.request("file.glob", { path: ".", pattern })).rejects.toMatchObject({
        record: { code: "invalid_request" },
      });
      await expect(helper.request("file.grep", { path: ".", pattern, maxLineBytes: 9 })).rejects.toMatchObject({
        record: { code: "invalid_request" },
      });
    }
  });
});

describe("file.grep", () => {
  const grep = async (pattern: string, fields: Record<string, string | number | boolean> = {}) =>
    (await helper.records("file.grep", { path: ".", pattern, maxLineBytes: 2000, ...fields })).map(
      ({ path: file, line, text }) => `${(file ?? "").slice(place.workspace.length + 1)}:${line}:${text}`,
    );

  it("finds lines, counted from one, without their ends", async () => {
    place.write("unix", "first\nsecond match\n\nmatch again");
    place.write("windows", "first\r\nmatch\r\n");
    expect(await grep("match")).toEqual(["unix:2:second match", "unix:4:match again", "windows:2:match"]);
    expect(await grep("match$")).toEqual(["unix:2:second match", "windows:2:match"]);
    expect(await grep("^match")).toEqual(["unix:4:match again", "windows:2:match"]);
    expect(await grep("MATCH", { ignoreCase: true, limit: 1 })).toEqual(["unix:2:second match"]);
    expect(await grep("match", { path: "windows" })).toEqual(["windows:2:match"]);
    expect(await grep("match", { include: "^windows$" })).toEqual(["windows:2:match"]);
  });

  // Each of these could match over the end of a line when it is run on more than one.
  it.each([
    ["a\\s+b", "a\nb\na b\n", ["3"]],
    ["[^x]+end", "x\nthe\nend\nthe end\n", ["4"]],
    ["^$", "a\n\nb\n", ["2"]],
    ["\\W$", "a\nb!\n\nc\n", ["2"]],
    ["a\\D*b", "a\nb\nab\n", ["3"]],
    ["(?!b)a$", "a\nba\n", ["1", "2"]],
    ["foo(?!.)", "foo\nfoox\n", ["1"]],
    ["(?<=x)foo", "x\nfoo\nxfoo\n", ["3"]],
    ["\\s*", "a\n\n", ["1", "2"]],
    ["[^-a]b", "a\nb\nab\n-b\ncb\n", ["5"]],
    ["[^]a]b", "]b\nab\n\nb\ncb\n", ["5"]],
    ["(a|\\n)b", "b\nab\nb\n", ["2"]],
    ["\\w+\\s\\w+", "a b\nc\nd\n", ["1"]],
    ["x*", "\n\n", ["1", "2"]],
    ["a{2,}b?$", "aa\nb\naab\n", ["1", "3"]],
  ])("matches %s against single lines", async (pattern, contents, lines) => {
    place.write("file", contents);
    expect((await grep(pattern)).map((found) => found.split(":")[1])).toEqual(lines);
  });

  it("sees characters in UTF-8, and bytes elsewhere", async () => {
    place.write("utf8", "h\u00e9llo w\u00f6rld\n\u{1f600} smile\n");
    place.write("latin1", Buffer.from([0x68, 0xe9, 0x0a]));
    expect(await grep("h.llo")).toEqual(["utf8:1:h\u00e9llo w\u00f6rld"]);
    expect(await grep("W\u00d6RLD", { ignoreCase: true })).toEqual(["utf8:1:h\u00e9llo w\u00f6rld"]);
    expect(await grep("^. smile$")).toEqual(["utf8:2:\u{1f600} smile"]);
    expect((await grep("^h.$")).length).toBe(1);
  });

  it("passes over binary and hidden files, and over links", async () => {
    place.write("binary", Buffer.from("match\0match"));
    place.write(".hidden/file", "match");
    place.write("real", "match");
    symlinkSync("real", place.at("link"));
    expect(await grep("match")).toEqual(["real:1:match"]);
    expect(await grep("match", { hidden: true })).toEqual([".hidden/file:1:match", "real:1:match"]);
  });

  it("cuts long lines, not within a character", async () => {
    place.write("file", `${"\u00e9".repeat(50)}match\n`);
    const [record] = await helper.records("file.grep", { path: ".", pattern: "match", maxLineBytes: 11 });
    expect(record).toMatchObject({ text: "\u00e9".repeat(5), cut: "1", line: "1" });
  });

  it("numbers lines right in a file of many megabytes", async () => {
    const lines = Array.from(
      { length: 500_000 },
      (_, index) => `line ${index + 1} ${index === 400_000 ? "needle" : "of the many that there are"}`,
    );
    place.write("large", lines.join("\n"));
    expect(await grep("needle")).toEqual([`large:400001:line 400001 needle`]);
    place.write("endless", `${"x".repeat(20_000_000)}\nneedle\n`);
    expect(await grep("needle", { path: "endless" })).toEqual(["endless:2:needle"]);
  });
});

describe("20,000 files", () => {
  it("are listed, globbed and searched in one request each, while a ping is answered in 20 ms", async () => {
    writeManyFiles(200);
    const pings: number[] = [];
    let isRunning = true;
    const pinging = (async () => {
      while (isRunning) pings.push(await helper.ping());
    })();
    const listed = await helper.records("file.list", { path: "many", depth: 2 });
    expect(listed.length).toBe(20_200);
    const globbed = await helper.records("file.glob", { path: "many", pattern: "^[^/]*/f7\\.txt$" });
    expect(globbed.length).toBe(200);
    const found = await helper.records("file.grep", { path: "many", pattern: "needle$", maxLineBytes: 100 });
    expect(found.length).toBe(1000);
    expect(found.every(({ line }) => line === "2")).toBe(true);
    isRunning = false;
    await pinging;
    // The median is the helper's; a maximum would be the test machine's.
    expect(pings.toSorted((one, other) => one - other)[Math.floor(pings.length / 2)]).toBeLessThan(20);
  }, 120_000);

  it("can be left in the middle", async () => {
    writeManyFiles(20);
    const searching = helper.start("file.grep", {
      path: "many",
      pattern: "(?:o|t)+",
      maxLineBytes: 100,
      credit: 65_536,
    });
    searching.grants = false;
    await searching.until(() => searching.pieces.length > 0);
    searching.abandon();
    await expect(searching.done).rejects.toMatchObject({ record: { code: "cancelled" } });
    expect((await helper.records("file.list", { path: ".", depth: 1 })).length).toBe(1);
  });

  it("do not keep a runaway expression from being stopped", async () => {
    place.write("file", `${"a".repeat(5_000)}b\n`.repeat(50));
    const searching = helper.start("file.grep", {
      path: ".",
      pattern: "(?:a|a)*(?:a|a)*(?:a|a)*(?:a|a)*c|d",
      maxLineBytes: 100,
    });
    expect(await helper.ping()).toBeLessThan(1000);
    searching.abandon();
    await expect(searching.done).rejects.toMatchObject({ record: { code: "cancelled" } });
  });
});
