import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { randomBytes } from "node:crypto";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Answer, type FileClient, recordsOf } from "../../support/file-client.js";
import { FileWorkspace, treeOf } from "../../support/file-workspace.js";
import { tarOf } from "../../support/tar.js";

let place: FileWorkspace;
let helper: FileClient;

beforeEach(async () => {
  place = new FileWorkspace();
  helper = await place.open();
});

afterEach(async () => {
  await place[Symbol.asyncDispose]();
});

async function extract(archive: Uint8Array, fields: Record<string, string | number> = {}): Promise<Answer> {
  const extracting = helper.start("file.extract", {
    path: "into",
    maxEntries: 1000,
    maxTotalBytes: 100_000_000,
    ...fields,
  });
  const sending = extracting.send(archive).then(() => extracting.end());
  sending.catch(() => undefined);
  return await extracting.done;
}

function makeTree(): void {
  place.write("tree/binary", randomBytes(300_001));
  chmodSync(place.write("tree/a/script", "#!/bin/sh\n"), 0o755);
  place.write(`tree/${"long-name/".repeat(20)}file`, "deep");
  place.write("tree/h\u00e9llo", "accents");
  writeFileSync(Buffer.concat([Buffer.from(place.at("tree/raw-")), Buffer.from([0xff, 0xfe])]), "raw");
  symlinkSync("a/script", place.at("tree/link"));
  symlinkSync("../binary", place.at("tree/a/up"));
  linkSync(place.at("tree/binary"), place.at("tree/hard"));
  mkdirSync(place.at("tree/empty"));
  chmodSync(place.at("tree/empty"), 0o500);
  place.write("tree/read-only/file", "inner");
  utimesSync(place.at("tree/read-only/file"), 1_000_000_000, 1_000_000_000);
  utimesSync(place.at("tree/read-only"), 1_100_000_000, 1_100_000_000);
  chmodSync(place.at("tree/read-only"), 0o555);
}

describe("file.archive", () => {
  it("is a tar stream that others read", async () => {
    makeTree();
    const { data, result } = await helper.request("file.archive", { path: "tree" });
    const listing = execFileSync("tar", ["-tf", "-"], { input: data }).toString().trim().split("\n");
    expect(String(listing.length)).toBe(result["entries"]);
    mkdirSync(place.at("by-tar"));
    execFileSync("tar", ["-xpf", "-", "-C", place.at("by-tar")], { input: data });
    expect(treeOf(place.at("by-tar"))).toEqual(treeOf(place.at("tree")));
    expect(data.length % 512).toBe(0);
  });

  it("comes back as it was", async () => {
    makeTree();
    const { data, result } = await helper.request("file.archive", { path: "tree" });
    const report = await extract(data);
    expect(report.result["entries"]).toBe(result["entries"]);
    expect(treeOf(place.at("into"))).toEqual(treeOf(place.at("tree")));
    expect(statSync(place.at("into/read-only/file")).mtimeMs).toBe(1_000_000_000_000);
    expect(statSync(place.at("into/read-only")).mtimeMs).toBe(1_100_000_000_000);
    expect(statSync(place.at("into/hard")).ino).toBe(statSync(place.at("into/binary")).ino);
  });

  it("leaves out what is excluded, and holds a single file under its name", async () => {
    for (const name of ["tree/kept", "tree/node_modules/x", "tree/a/node_modules/y"]) place.write(name, "x");
    const { data } = await helper.request("file.archive", { path: "tree", exclude: ["^(?:.*/)?node_modules$"] });
    expect(execFileSync("tar", ["-tf", "-"], { input: data }).toString()).toBe("a/\nkept\n");
    const single = await helper.request("file.archive", { path: "tree/kept" });
    expect(execFileSync("tar", ["-tf", "-"], { input: single.data }).toString()).toBe("kept\n");
  });

  it("stops with its reader", async () => {
    place.write("tree/large", randomBytes(3_000_000));
    const archiving = helper.start("file.archive", { path: "tree", credit: 100_000 });
    archiving.grants = false;
    const received = () => archiving.pieces.reduce((sum, piece) => sum + piece.length, 0);
    await archiving.until(() => received() === 100_000);
    await helper.request("file.stat", { path: "." });
    expect(received()).toBe(100_000);
    archiving.abandon();
    await expect(archiving.done).rejects.toMatchObject({ record: { code: "cancelled" } });
  });
});

describe("file.extract", () => {
  it("reads what tar writes, in each of its formats", async () => {
    makeTree();
    for (const format of ["gnu", "pax", "ustar", "oldgnu"]) {
      const source =
        format === "ustar" ? ["-C", place.at("tree"), "a", "binary", "link", "hard"] : ["-C", place.at("tree"), "."];
      const archive = execFileSync("tar", [`--format=${format}`, "-cf", "-", ...source], { maxBuffer: 10_000_000 });
      await extract(archive, { path: format });
      if (format !== "ustar") expect(treeOf(place.at(format))).toEqual(treeOf(place.at("tree")));
      else
        expect(Object.keys(treeOf(place.at(format))).toSorted()).toEqual([
          "a",
          "a/script",
          "a/up",
          "binary",
          "hard",
          "link",
        ]);
    }
  });

  it("replaces files, and a link by a file rather than what it points to", async () => {
    place.write("into/file", "old");
    place.write("into/kept", "kept");
    symlinkSync("kept", place.at("into/link"));
    await extract(
      tarOf([
        { name: "file", contents: "new" },
        { name: "link", contents: "file now" },
      ]),
    );
    expect([place.read("into/file"), place.read("into/link"), place.read("into/kept")]).toEqual([
      "new",
      "file now",
      "kept",
    ]);
    expect(readdirSync(place.at("into")).toSorted()).toEqual(["file", "kept", "link"]);
  });

  it("drops set-id bits, and skips devices and FIFOs with a word", async () => {
    const { result } = await extract(
      tarOf([
        { name: "suid", mode: 0o6755, contents: "x" },
        { name: "null", type: "3" },
        { name: "disk", type: "4" },
        { name: "fifo", type: "6" },
        { name: "strange", type: "Z", contents: "ignored" },
        { name: "after", contents: "y" },
      ]),
    );
    expect(statSync(place.at("into/suid")).mode & 0o7777).toBe(0o755);
    expect(readdirSync(place.at("into")).toSorted()).toEqual(["after", "suid"]);
    expect(recordsOf(Buffer.from(result["skipped"] ?? "", "utf8")).map((record) => record["path"])).toEqual([
      "null",
      "disk",
      "fifo",
      "strange",
    ]);
    expect(result).toMatchObject({ entries: "2", totalBytes: "2" });
  });

  it("ends at its limits, before anything is written past them", async () => {
    const many = tarOf(Array.from({ length: 11 }, (_, index) => ({ name: `f${index}`, contents: "12345" })));
    await expect(extract(many, { maxEntries: 10 })).rejects.toMatchObject({ record: { code: "resource_exhausted" } });
    expect(readdirSync(place.at("into")).length).toBe(10);
    await expect(extract(many, { maxTotalBytes: 50, path: "other" })).rejects.toMatchObject({
      record: { code: "resource_exhausted" },
    });
    expect(readdirSync(place.at("other")).length).toBe(10);
    const lying = tarOf([{ name: "huge", size: 8_000_000_000, contents: "x" }]);
    await expect(extract(lying, { path: "third" })).rejects.toMatchObject({ record: { code: "resource_exhausted" } });
    expect(existsSync(place.at("third/huge"))).toBe(false);
  });

  it.each<[string, readonly { name: string; type?: string; target?: string; contents?: string }[]]>([
    ["an absolute name", [{ name: "/tmp/mooring-escape", contents: "x" }]],
    ["a name that goes up", [{ name: "../outside/new", contents: "x" }]],
    ["a name that goes up in the middle", [{ name: "a/../../outside/new", contents: "x" }]],
    ["an absolute link", [{ name: "link", type: "2", target: "/etc" }]],
    ["a link that goes up", [{ name: "link", type: "2", target: "../../outside" }]],
    [
      "a link that goes down and up",
      [
        { name: "a/", type: "5" },
        { name: "a/link", type: "2", target: "b/../../.." },
      ],
    ],
    [
      "a file through a link",
      [
        { name: "link", type: "2", target: "." },
        { name: "link/file", contents: "x" },
      ],
    ],
    [
      "a directory through a link",
      [
        { name: "real/", type: "5" },
        { name: "link", type: "2", target: "real" },
        { name: "link/inner/", type: "5" },
      ],
    ],
    [
      "a link over a directory's place, and a file in it",
      [
        { name: "d/", type: "5" },
        { name: "e", type: "2", target: "d" },
        { name: "e/", type: "5" },
      ],
    ],
    ["a hard link that goes up", [{ name: "link", type: "1", target: "../outside/secret" }]],
    ["an absolute hard link", [{ name: "link", type: "1", target: "/etc/passwd" }]],
    [
      "a hard link through a link",
      [
        { name: "link", type: "2", target: "." },
        { name: "hard", type: "1", target: "link/secret" },
      ],
    ],
    [
      "a hard link to a link",
      [
        { name: "link", type: "2", target: "nowhere" },
        { name: "hard", type: "1", target: "link" },
      ],
    ],
  ])("refuses %s", async (_title, entries) => {
    const before = treeOf(place.outside);
    await expect(extract(tarOf(entries))).rejects.toMatchObject({ record: { code: "path_escape" } });
    expect(treeOf(place.outside)).toEqual(before);
    expect(existsSync("/tmp/mooring-escape")).toBe(false);
    expect(treeOf(place.at("into"))).not.toHaveProperty("hard");
  });

  it("writes nothing through links that were there before", async () => {
    mkdirSync(place.at("into"));
    symlinkSync(place.outside, place.at("into/planted"));
    symlinkSync(path.join(place.outside, "secret"), place.at("into/file"));
    const before = treeOf(place.outside);
    await expect(extract(tarOf([{ name: "planted/new", contents: "x" }]))).rejects.toMatchObject({
      record: { code: "path_escape" },
    });
    await extract(tarOf([{ name: "file", contents: "mine" }]));
    expect(lstatSync(place.at("into/file")).isFile()).toBe(true);
    expect(readlinkSync(place.at("into/planted"))).toBe(place.outside);
    expect(treeOf(place.outside)).toEqual(before);
  });

  it("tells a damaged archive from a whole one", async () => {
    const whole = tarOf([{ name: "file", contents: "x".repeat(2000) }]);
    const flipped = Buffer.from(whole);
    flipped[3] = 0x41;
    const noise = randomBytes(4096);
    for (const archive of [whole.subarray(0, 1500), whole.subarray(0, 100), flipped, noise]) {
      await expect(extract(archive)).rejects.toMatchObject({ record: { code: "corrupt" } });
    }
    expect(readdirSync(place.at("into"))).toEqual([]);
  });

  it("takes any cut of a whole archive without harm", async () => {
    makeTree();
    const { data } = await helper.request("file.archive", { path: "tree" });
    const small = data.subarray(0, 8192);
    const before = treeOf(place.outside);
    for (let cut = 0; cut < small.length; cut += 257) {
      const bytes = Buffer.from(small);
      bytes[cut] = (bytes[cut] ?? 0) ^ 0x55;
      await extract(bytes.subarray(0, small.length - (cut % 512)), { path: `cut/${cut}` }).catch(() => undefined);
    }
    expect(treeOf(place.outside)).toEqual(before);
    await helper.ping();
  });
});
