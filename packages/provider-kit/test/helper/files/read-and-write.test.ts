import { chmodSync, linkSync, lstatSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import path from "node:path";
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

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

describe("file.read", () => {
  it("returns every byte as it is, with size and version", async () => {
    place.write("binary", everyByte);
    const { data, result } = await helper.request("file.read", { path: "binary", offset: 0, maxBytes: 1000 });
    expect(data.equals(everyByte)).toBe(true);
    expect(result).toMatchObject({ path: place.at("binary"), size: "256" });
    expect(result).not.toHaveProperty("truncated");
    expect(result["version"]).toMatch(/./);
  });

  it("returns a range and says that the file goes on after it", async () => {
    place.write("binary", everyByte);
    const part = await helper.request("file.read", { path: "binary", offset: 10, maxBytes: 20 });
    expect([...part.data]).toEqual([...everyByte.subarray(10, 30)]);
    expect(part.result).toMatchObject({ size: "256", truncated: "1" });
    const tail = await helper.request("file.read", { path: "binary", offset: 246, maxBytes: 10 });
    expect(tail.data.length).toBe(10);
    expect(tail.result).not.toHaveProperty("truncated");
    const past = await helper.request("file.read", { path: "binary", offset: 1000, maxBytes: 10 });
    expect(past.data.length).toBe(0);
    expect(past.result).not.toHaveProperty("truncated");
  });

  it("sends a large file under credit, and no more of it than was asked for", async () => {
    const contents = randomBytes(3_000_000);
    place.write("large", contents);
    const whole = await helper.request("file.read", { path: "large", offset: 0, maxBytes: 16_777_216 });
    expect(whole.data.equals(contents)).toBe(true);
    expect(whole.result).not.toHaveProperty("truncated");
    const most = await helper.request("file.read", { path: "large", offset: 5, maxBytes: 1_000_000 });
    expect(most.data.equals(contents.subarray(5, 1_000_005))).toBe(true);
    expect(most.result).toMatchObject({ truncated: "1", size: "3000000" });
  });

  it("stops a stream at the end of its credit and goes on with more", async () => {
    const contents = randomBytes(1_500_000);
    place.write("large", contents);
    const stream = helper.start("file.readStream", { path: "large", offset: 0, credit: 100_000 });
    stream.grants = false;
    const received = () => stream.pieces.reduce((sum, piece) => sum + piece.length, 0);
    await stream.until(() => received() === 100_000);
    await helper.request("file.stat", { path: "large" });
    expect(received()).toBe(100_000);
    stream.grant(2_000_000);
    const { data, result } = await stream.done;
    expect(data.equals(contents)).toBe(true);
    expect(result).toMatchObject({ size: "1500000" });
  });

  it("refuses what is no regular file, without waiting for it", async () => {
    mkdirSync(place.at("directory"));
    execFileSync("mkfifo", [place.at("fifo")]);
    for (const name of ["directory", "fifo"]) {
      await expect(helper.request("file.read", { path: name, offset: 0, maxBytes: 10 })).rejects.toMatchObject({
        record: { code: "invalid_request", path: name },
      });
      await expect(helper.request("file.readStream", { path: name, offset: 0 })).rejects.toMatchObject({
        record: { code: "invalid_request" },
      });
    }
  });

  it("names the errno and the path of what is missing", async () => {
    await expect(helper.request("file.read", { path: "a/b", offset: 0, maxBytes: 1 })).rejects.toMatchObject({
      record: { errno: "ENOENT", path: "a/b" },
    });
  });

  it.each(["", "a\0b"])("refuses the path %j as an invalid request", async (name) => {
    await expect(helper.request("file.read", { path: name, offset: 0, maxBytes: 1 })).rejects.toMatchObject({
      record: { code: "invalid_request" },
    });
  });
});

describe("file.write", () => {
  it("makes a new file with the umask's mode and leaves nothing else behind", async () => {
    const { result } = await helper.request("file.write", { path: "new", contents: everyByte });
    expect(result["size"]).toBe("256");
    const umask = process.umask();
    expect(statSync(place.at("new")).mode & 0o7777).toBe(0o666 & ~umask);
    expect(readdirSync(place.workspace)).toEqual(["new"]);
    expect((await helper.request("file.stat", { path: "new" })).result["version"]).toBe(result["version"]);
  });

  it("keeps the mode of a file that is there, and takes another when it is given", async () => {
    chmodSync(place.write("script", "old"), 0o754);
    await helper.request("file.write", { path: "script", contents: "new" });
    expect(statSync(place.at("script")).mode & 0o7777).toBe(0o754);
    await helper.request("file.write", { path: "script", contents: "newer", mode: 0o601 });
    expect(statSync(place.at("script")).mode & 0o7777).toBe(0o601);
    expect(place.read("script")).toBe("newer");
  });

  it("takes contents as a stream and replaces the file only at its end", async () => {
    place.write("file", "old");
    const contents = randomBytes(2_000_000);
    const writing = helper.start("file.write", { path: "file" });
    await writing.send(contents);
    expect(place.read("file")).toBe("old");
    writing.end();
    expect((await writing.done).result["size"]).toBe("2000000");
    const { data } = await helper.request("file.read", { path: "file", offset: 0, maxBytes: 4_000_000 });
    expect(data.equals(contents)).toBe(true);
  });

  it("leaves the old contents and no temporary file when it is abandoned", async () => {
    place.write("file", "old");
    const writing = helper.start("file.write", { path: "file" });
    await writing.send(randomBytes(1_300_000));
    writing.abandon();
    await expect(writing.done).rejects.toMatchObject({ record: { code: "cancelled" } });
    expect(readdirSync(place.workspace)).toEqual(["file"]);
    expect(place.read("file")).toBe("old");
  });

  it("makes missing parents only when asked to", async () => {
    await expect(helper.request("file.write", { path: "a/b/c", contents: "x" })).rejects.toMatchObject({
      record: { errno: "ENOENT" },
    });
    await helper.request("file.write", { path: "a/b/c", contents: "x", createParents: true });
    expect(place.read("a/b/c")).toBe("x");
  });

  it("writes through a link that stays inside, and leaves the link", async () => {
    place.write("target", "old");
    symlinkSync("target", place.at("link"));
    symlinkSync(place.at("not-yet"), place.at("dangling"));
    await helper.request("file.write", { path: "link", contents: "new" });
    await helper.request("file.write", { path: "dangling", contents: "made" });
    expect(place.read("target")).toBe("new");
    expect(place.read("not-yet")).toBe("made");
    expect(lstatSync(place.at("link")).isSymbolicLink()).toBe(true);
  });

  it("replaces one name of a file with several hard links", async () => {
    linkSync(place.write("one", "old"), place.at("two"));
    await helper.request("file.write", { path: "one", contents: "new" });
    expect([place.read("one"), place.read("two")]).toEqual(["new", "old"]);
  });

  it("refuses a directory and a FIFO in its place", async () => {
    mkdirSync(place.at("directory"));
    execFileSync("mkfifo", [place.at("fifo")]);
    for (const name of ["directory", "fifo"]) {
      await expect(helper.request("file.write", { path: name, contents: "x" })).rejects.toMatchObject({
        record: { code: "invalid_request" },
      });
    }
  });

  it("demands the version that it was told", async () => {
    const { result } = await helper.request("file.write", { path: "file", contents: "1", ifVersion: "" });
    await expect(helper.request("file.write", { path: "file", contents: "2", ifVersion: "" })).rejects.toMatchObject({
      record: { code: "conflict" },
    });
    const second = await helper.request("file.write", { path: "file", contents: "3", ifVersion: result["version"] });
    await expect(
      helper.request("file.write", { path: "file", contents: "4", ifVersion: result["version"] }),
    ).rejects.toMatchObject({ record: { code: "conflict" } });
    await expect(
      helper.request("file.write", { path: "gone", contents: "4", ifVersion: result["version"] }),
    ).rejects.toMatchObject({ record: { code: "conflict" } });
    writeFileSync(place.at("file"), "9");
    await expect(
      helper.request("file.write", { path: "file", contents: "5", ifVersion: second.result["version"] }),
    ).rejects.toMatchObject({ record: { code: "conflict" } });
    expect(readdirSync(place.workspace)).toEqual(["file"]);
  });

  it("lets one of two writers win that know the same version", async () => {
    let { version } = (await helper.request("file.write", { path: "file", contents: "0" })).result;
    for (let round = 0; round < 50; round++) {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 4 }, (_, writer) =>
          helper.request("file.write", { path: "file", contents: `${round} ${writer}`, ifVersion: version }),
        ),
      );
      const won = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
      expect(won.length).toBe(1);
      version = won[0]?.result["version"];
    }
  });

  it("lets one of many writers win where there must be no file", async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 16 }, () => helper.request("file.write", { path: "file", contents: "x", ifVersion: "" })),
    );
    expect(outcomes.filter(({ status }) => status === "fulfilled").length).toBe(1);
  });

  it.runIf(process.getuid?.() === 0)("leaves the old contents when the disk is full", async () => {
    const mounted = place.at("small");
    mkdirSync(mounted);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", mounted]);
    try {
      await helper.request("file.write", { path: "small/file", contents: "old" });
      for (const size of [1_046_000, 1_100_000, 4_000_000]) {
        const writing = helper.start("file.write", { path: "small/file" });
        const sending = writing.send(randomBytes(size)).then(() => writing.end());
        await expect(writing.done).rejects.toMatchObject({ record: { errno: "ENOSPC" } });
        await sending.catch(() => undefined);
        expect(place.read("small/file")).toBe("old");
        expect(readdirSync(mounted)).toEqual(["file"]);
      }
    } finally {
      execFileSync("umount", ["-l", mounted]);
    }
  });

  it("keeps names that are no UTF-8", async () => {
    const name = Buffer.from([0x66, 0xff, 0xfe]);
    await helper.request("file.write", { path: name, contents: "x" });
    expect(readdirSync(place.workspace, { encoding: "buffer" })[0]?.equals(name)).toBe(true);
    expect((await helper.request("file.read", { path: name, offset: 0, maxBytes: 9 })).data.toString()).toBe("x");
  });
});

describe("file.stat", () => {
  it("tells type, size, time, mode and owner", async () => {
    const file = place.write("file", "12345");
    chmodSync(file, 0o640);
    const { result } = await helper.request("file.stat", { path: "file", follow: true });
    const status = statSync(file);
    expect(result).toMatchObject({
      path: file,
      type: "file",
      size: "5",
      mtimeMs: String(Math.floor(status.mtimeMs)),
      mode: String(0o640),
      uid: String(status.uid),
      gid: String(status.gid),
    });
  });

  it("tells of a link itself, or of what it leads to", async () => {
    place.write("file", "12345");
    symlinkSync("file", place.at("link"));
    symlinkSync("nowhere", place.at("dangling"));
    expect((await helper.request("file.stat", { path: "link" })).result).toMatchObject({
      type: "symlink",
      target: "file",
    });
    expect((await helper.request("file.stat", { path: "link", follow: true })).result).toMatchObject({
      type: "file",
      size: "5",
    });
    expect((await helper.request("file.stat", { path: "dangling" })).result).toMatchObject({
      type: "symlink",
      target: "nowhere",
    });
    await expect(helper.request("file.stat", { path: "dangling", follow: true })).rejects.toMatchObject({
      record: { errno: "ENOENT" },
    });
  });

  it("gives another version after each change", async () => {
    const versions = new Set<string | undefined>();
    for (let round = 0; round < 20; round++) {
      await helper.request("file.write", { path: "file", contents: String(round % 10) });
      versions.add((await helper.request("file.stat", { path: "file", follow: true })).result["version"]);
    }
    expect(versions.size).toBe(20);
  });

  it("takes the root by each of its names", async () => {
    for (const name of [
      ".",
      "./",
      "././",
      place.workspace,
      `${place.workspace}/`,
      `${path.dirname(place.workspace)}//workspace/.`,
    ]) {
      expect((await helper.request("file.stat", { path: name, follow: true })).result).toMatchObject({
        path: place.workspace,
        type: "directory",
      });
    }
  });
});
