import { Buffer } from "node:buffer";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
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
import { collected, openTestPlace, testShells } from "../support/test-shells.js";

const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index);

function streamOf(chunks: readonly Uint8Array[], failure?: Error): ReadableStream<Uint8Array> {
  const left = [...chunks];
  return new ReadableStream({
    pull(controller) {
      const chunk = left.shift();
      if (chunk !== undefined) controller.enqueue(chunk);
      else if (failure === undefined) controller.close();
      else controller.error(failure);
    },
  });
}

async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await collected(stream));
}

describe.each(testShells)("files over $name", (shell) => {
  it("are read back as they were written, small and large, and leave nothing beside them", async () => {
    await using place = await openTestPlace(shell);
    const { files } = place.far;
    const large = randomBytes(3_000_001);
    for (const contents of [new Uint8Array(0), everyByte, large]) {
      const written = await files.write("data", contents);
      expect(written.sizeBytes).toBe(contents.length);
      const read = await files.read("data");
      expect(Buffer.from(read.contents).equals(Buffer.from(contents))).toBe(true);
      expect(read).toMatchObject({
        path: `${place.root}/data`,
        sizeBytes: contents.length,
        truncated: false,
        version: written.version,
      });
      expect((await files.stat("data")).version).toBe(written.version);
    }
    await files.write("streamed", streamOf([large.subarray(0, 1_000_000), large.subarray(1_000_000)]));
    expect(readFileSync(`${place.root}/streamed`).equals(large)).toBe(true);
    expect(readdirSync(place.root).toSorted()).toEqual(["data", "streamed"]);
  });

  it("are read in part, no more than asked for", async () => {
    await using place = await openTestPlace(shell);
    const { files } = place.far;
    writeFileSync(`${place.root}/data`, "0123456789");
    const part = await files.read("data", { offset: 3, maxBytes: 4 });
    expect(Buffer.from(part.contents).toString()).toBe("3456");
    expect(part).toMatchObject({ sizeBytes: 10, truncated: true });
    expect(await files.read("data", { offset: 8 })).toMatchObject({ truncated: false });
    expect(await files.read("data", { offset: 99, maxBytes: 4 })).toMatchObject({
      contents: new Uint8Array(0),
      truncated: false,
    });
    expect(await files.read("data", { maxBytes: 0 })).toMatchObject({ contents: new Uint8Array(0), truncated: true });
    expect((await bytesOf(await files.readStream("data", { offset: 5 }))).toString()).toBe("56789");
    const endless = await files.readStream("data");
    await endless.cancel();
  });

  it("keep the old contents when a stream fails, and its mode when it is replaced", async () => {
    await using place = await openTestPlace(shell);
    const { files } = place.far;
    writeFileSync(`${place.root}/data`, "old");
    chmodSync(`${place.root}/data`, 0o640);
    await expect(files.write("data", streamOf([Buffer.from("new")], new Error("gone")))).rejects.toThrow("gone");
    expect(readFileSync(`${place.root}/data`, "utf8")).toBe("old");
    await files.write("data", "new");
    expect(readFileSync(`${place.root}/data`, "utf8")).toBe("new");
    expect(statSync(`${place.root}/data`).mode & 0o7777).toBe(0o640);
    await files.write("data", "mode", { mode: 0o600 });
    expect(statSync(`${place.root}/data`).mode & 0o7777).toBe(0o600);
    expect(readdirSync(place.root)).toEqual(["data"]);
  });

  it("are replaced only at the version that the caller knew", async () => {
    await using place = await openTestPlace(shell);
    const { files } = place.far;
    const { version } = await files.write("data", "1", { ifVersion: null });
    await expect(files.write("data", "x", { ifVersion: null })).rejects.toMatchObject({ code: "conflict" });
    writeFileSync(`${place.root}/data`, "2");
    await expect(files.write("data", "x", { ifVersion: version })).rejects.toMatchObject({ code: "conflict" });
    const now = await files.stat("data");
    await files.write("data", "3", { ifVersion: now.version });
    expect(readFileSync(`${place.root}/data`, "utf8")).toBe("3");
    await expect(files.write("gone", "x", { ifVersion: version })).rejects.toMatchObject({ code: "conflict" });
  });

  it("make parents when asked to, and tell a missing one otherwise", async () => {
    await using place = await openTestPlace(shell);
    const { files } = place.far;
    await expect(files.write("a/b/c", "x")).rejects.toMatchObject({ code: "not_found" });
    await files.write("a/b/c", "x", { createParents: true });
    expect(readFileSync(`${place.root}/a/b/c`, "utf8")).toBe("x");
    await files.makeDirectory("d/e/f", { mode: 0o750 });
    expect(statSync(`${place.root}/d/e/f`).mode & 0o7777).toBe(0o750);
    await files.makeDirectory("d/e/f");
    await expect(files.makeDirectory("a/b/c")).rejects.toMatchObject({ code: "already_exists" });
    await expect(files.makeDirectory("a/b/c/d")).rejects.toMatchObject({ code: "already_exists" });
  });

  it("are told apart: files, directories, links and the rest", async () => {
    await using place = await openTestPlace(shell);
    const { files } = place.far;
    writeFileSync(`${place.root}/file`, "12345");
    mkdirSync(`${place.root}/directory`);
    symlinkSync("file", `${place.root}/link`);
    execFileSync("mkfifo", [`${place.root}/fifo`]);
    const file = await files.stat("file");
    const { mtimeMs, uid, gid } = statSync(`${place.root}/file`);
    expect(file).toMatchObject({ path: `${place.root}/file`, type: "file", sizeBytes: 5, uid, gid, mode: 0o644 });
    expect(file.modifiedAtMs).toBe(Math.floor(mtimeMs));
    expect((await files.stat("link")).type).toBe("file");
    expect(await files.stat("link", { followSymlinks: false })).toMatchObject({
      type: "symlink",
      symlinkTarget: "file",
    });
    expect(await files.stat(".")).toMatchObject({ type: "directory", path: place.root });
    expect((await files.stat("fifo")).type).toBe("other");
    await expect(files.stat("missing")).rejects.toMatchObject({ code: "not_found", details: { errno: "ENOENT" } });
    await expect(files.stat("file/x")).rejects.toMatchObject({
      code: "invalid_request",
      details: { errno: "ENOTDIR" },
    });
    for (const path of ["fifo", "directory", "/dev/null"]) {
      await expect(files.read(path)).rejects.toMatchObject({
        code: path.startsWith("/") ? "path_escape" : "invalid_request",
      });
    }
    await expect(files.write("fifo", "x")).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("never leave the roots through a link or `..`, and touch nothing outside", async () => {
    await using place = await openTestPlace(shell);
    const { files } = place.far;
    const { root, outside } = place;
    writeFileSync(`${outside}/secret`, "secret");
    mkdirSync(`${root}/in`);
    symlinkSync(outside, `${root}/out`);
    symlinkSync("../outside", `${root}/relative`);
    symlinkSync(`${outside}/secret`, `${root}/leaf`);
    symlinkSync(`${outside}/not-yet`, `${root}/dangling`);
    symlinkSync("loop", `${root}/loop`);
    symlinkSync("..", `${root}/in/up`);
    symlinkSync(root, `${root}/in/absolute`);
    writeFileSync(`${root}/kept`, "kept");
    const before = readdirSync(outside);
    const escapes = [
      "..",
      "../outside/secret",
      "out/secret",
      "relative/secret",
      "in/up/../outside/secret",
      `${outside}/secret`,
      `${root}-evil/x`,
    ];
    for (const path of escapes) {
      await expect(files.read(path), path).rejects.toMatchObject({ code: "path_escape" });
      await expect(files.stat(path), path).rejects.toMatchObject({ code: "path_escape" });
      await expect(files.write(path, "x", { createParents: true }), path).rejects.toMatchObject({
        code: "path_escape",
      });
      await expect(files.makeDirectory(`${path}/new/er`), path).rejects.toMatchObject({ code: "path_escape" });
      await expect(files.remove(`${path}/secret`), path).rejects.toMatchObject({ code: "path_escape" });
      await expect(files.rename("kept", `${path}/moved`), path).rejects.toMatchObject({ code: "path_escape" });
      await expect(files.copy("kept", `${path}/copied`), path).rejects.toMatchObject({ code: "path_escape" });
    }
    await expect(files.read("leaf")).rejects.toMatchObject({ code: "path_escape" });
    await expect(files.write("leaf", "x")).rejects.toMatchObject({ code: "path_escape" });
    await expect(files.write("dangling", "x")).rejects.toMatchObject({ code: "path_escape" });
    await expect(files.read("loop")).rejects.toMatchObject({ code: "path_escape" });
    await expect(collected(files.list("out"))).rejects.toMatchObject({ code: "path_escape" });
    await expect(collected(files.grep("secret", { path: "out" }))).rejects.toMatchObject({ code: "path_escape" });
    await expect(files.archive("out")).rejects.toMatchObject({ code: "path_escape" });
    expect(Buffer.from((await files.read("in/up/kept")).contents).toString()).toBe("kept");
    expect(Buffer.from((await files.read("in/absolute/in/../kept")).contents).toString()).toBe("kept");
    // A link is removed and renamed as what it is.
    await files.rename("leaf", "renamed");
    await files.remove("renamed");
    await files.remove("out", { recursive: true });
    expect(readdirSync(outside)).toEqual(before);
    expect(readFileSync(`${outside}/secret`, "utf8")).toBe("secret");
    expect(readFileSync(`${root}/kept`, "utf8")).toBe("kept");
  });

  it("follow a link in the last place to what it points to, and write that", async () => {
    await using place = await openTestPlace(shell);
    mkdirSync(`${place.root}/real`);
    symlinkSync("real/target", `${place.root}/link`);
    await place.far.files.write("link", "through");
    expect(lstatSync(`${place.root}/link`).isSymbolicLink()).toBe(true);
    expect(readFileSync(`${place.root}/real/target`, "utf8")).toBe("through");
  });

  it("of a read root are read and not written", async () => {
    await using place = await openTestPlace(shell);
    writeFileSync(`${place.outside}/shared`, "shared");
    await using reader = await openTestPlace(shell, { readRoots: [place.outside] });
    const { files } = reader.far;
    expect(Buffer.from((await files.read(`${place.outside}/shared`)).contents).toString()).toBe("shared");
    symlinkSync(`${place.outside}/shared`, `${reader.root}/link`);
    expect(Buffer.from((await files.read("link")).contents).toString()).toBe("shared");
    await expect(files.write(`${place.outside}/shared`, "x")).rejects.toMatchObject({ code: "permission_denied" });
    await expect(files.write("link", "x")).rejects.toMatchObject({ code: "path_escape" });
    expect(readFileSync(`${place.outside}/shared`, "utf8")).toBe("shared");
  });

  it("have names of any bytes", async () => {
    await using place = await openTestPlace(shell);
    const { files } = place.far;
    const names = ["two\nlines\n", "-rf", "a b'c\"d$e`f\\g*", " ", "\t", "a:1:b", "|", "~"];
    for (const name of names) {
      await files.write(name, `in ${name}`);
      expect(Buffer.from((await files.read(name)).contents).toString()).toBe(`in ${name}`);
      expect((await files.stat(name)).path).toBe(`${place.root}/${name}`);
    }
    const odd = Buffer.from([0x66, 0xff, 0x0a, 0x81, 0x01]);
    await files.write(odd, "in odd");
    const listed = await collected(files.list("."));
    expect(listed.length).toBe(names.length + 1);
    expect(listed.map(({ path }) => path)).toEqual(
      expect.arrayContaining(names.map((name) => `${place.root}/${name}`)),
    );
    const found = listed.find(({ pathBytes }) => pathBytes !== undefined);
    expect(Buffer.from(found?.pathBytes ?? []).equals(Buffer.concat([Buffer.from(`${place.root}/`), odd]))).toBe(true);
    const matches = await collected(files.grep("^in "));
    expect(matches.map(({ path, text }) => `${path} has ${text}`).toSorted()).toEqual(
      [
        ...names.map((name) => `${place.root}/${name} has in ${name.split("\n", 1)[0]}`),
        `${found?.path} has in odd`,
      ].toSorted(),
    );
    for (const name of names) await files.remove(name);
    await files.remove(odd);
    expect(readdirSync(place.root)).toEqual([]);
  });

  it("are listed in order, to a depth, without what is excluded, up to a limit", async () => {
    await using place = await openTestPlace(shell);
    const { files } = place.far;
    for (const directory of ["b/deep/er", "node_modules/x", ".hidden"])
      mkdirSync(`${place.root}/${directory}`, { recursive: true });
    for (const file of ["a", "b-c", "b/1", "b/deep/2", "b/deep/er/3", "node_modules/x/4", ".hidden/5"])
      writeFileSync(`${place.root}/${file}`, file);
    const paths = async (listing: AsyncIterable<{ path: string }>) =>
      (await collected(listing)).map(({ path }) => path.slice(place.root.length + 1));
    expect(await paths(files.list("."))).toEqual([".hidden", "a", "b", "b-c", "node_modules"]);
    expect(await paths(files.list("b", { depth: 2 }))).toEqual(["b/1", "b/deep", "b/deep/2", "b/deep/er"]);
    expect(await paths(files.list(".", { depth: 9, exclude: ["node_modules", "b/deep/**", ".*"] }))).toEqual([
      "a",
      "b",
      "b/1",
      "b/deep",
      "b-c",
    ]);
    const limited = files.list(".", { limit: 2 });
    expect(await paths(limited)).toEqual([".hidden", "a"]);
    expect(limited.truncated).toBe(true);
    expect(await paths(files.glob("**/[1-3]"))).toEqual(["b/1", "b/deep/2", "b/deep/er/3"]);
    expect(await paths(files.glob("b/{deep,none}/*"))).toEqual(["b/deep/2", "b/deep/er"]);
    expect(await paths(files.glob("**/5"))).toEqual([]);
    expect(await paths(files.glob(".hidden/5"))).toEqual([".hidden/5"]);
    expect(await paths(files.glob("none/*"))).toEqual([]);
    await expect(collected(files.list("a"))).rejects.toMatchObject({ code: "invalid_request" });
    await expect(collected(files.list("none"))).rejects.toMatchObject({ code: "not_found" });
  });

  it("are searched by regular expression and literally", async () => {
    await using place = await openTestPlace(shell);
    const { files } = place.far;
    mkdirSync(`${place.root}/sub`);
    mkdirSync(`${place.root}/.hidden`);
    writeFileSync(`${place.root}/one.txt`, "alpha 12\nbeta\nAlpha x\n");
    writeFileSync(`${place.root}/sub/two.txt`, "a.b*c\nlong " + "z".repeat(5_000) + "\n");
    writeFileSync(`${place.root}/sub/binary`, Buffer.from("alpha 12\0alpha\n"));
    writeFileSync(`${place.root}/.hidden/three.txt`, "alpha 12\n");
    const lines = async (...request: Parameters<typeof files.grep>) =>
      (await collected(files.grep(...request)))
        .map(({ path, line, text }) => `${path.slice(place.root.length + 1)}:${line}:${text}`)
        .toSorted();
    expect(await lines("alpha \\d+")).toEqual(["one.txt:1:alpha 12"]);
    expect(await lines("\\balpha\\b", { ignoreCase: true })).toEqual(["one.txt:1:alpha 12", "one.txt:3:Alpha x"]);
    expect(await lines("^(?:alpha|beta)[\\s\\w]*$")).toEqual(["one.txt:1:alpha 12", "one.txt:2:beta"]);
    expect(await lines("a.b*c", { literal: true })).toEqual(["sub/two.txt:1:a.b*c"]);
    expect(await lines("alpha", { includeHidden: true })).toEqual([
      ".hidden/three.txt:1:alpha 12",
      "one.txt:1:alpha 12",
    ]);
    expect(await lines("a", { include: "*.txt", path: "sub" })).toEqual(["sub/two.txt:1:a.b*c"]);
    expect(await lines("alpha", { path: "one.txt" })).toEqual(["one.txt:1:alpha 12"]);
    const [long] = await collected(files.grep("^long", { maxLineBytes: 10 }));
    expect(long).toMatchObject({ text: "long zzzzz", lineTruncated: true });
    const limited = files.grep("a", { limit: 1 });
    expect((await collected(limited)).length).toBe(1);
    expect(limited.truncated).toBe(true);
    await expect(collected(files.grep("("))).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("are removed, renamed and copied", async () => {
    await using place = await openTestPlace(shell);
    const { files } = place.far;
    const { root } = place;
    mkdirSync(`${root}/tree/sub`, { recursive: true });
    writeFileSync(`${root}/tree/sub/file`, "x", { mode: 0o755 });
    symlinkSync("sub/file", `${root}/tree/link`);
    await files.copy("tree", "copy");
    expect(readFileSync(`${root}/copy/sub/file`, "utf8")).toBe("x");
    expect(statSync(`${root}/copy/sub/file`).mode & 0o777).toBe(0o755);
    expect(readlinkSync(`${root}/copy/link`)).toBe("sub/file");
    await expect(files.copy("tree", "copy")).rejects.toMatchObject({ code: "already_exists" });
    await expect(files.copy("tree", "tree/sub/in")).rejects.toMatchObject({ code: "invalid_request" });
    await files.copy("tree/sub/file", "copy/sub/file");
    await expect(files.remove("tree")).rejects.toMatchObject({ code: "conflict" });
    await files.rename("tree", "moved");
    expect(existsSync(`${root}/tree`)).toBe(false);
    writeFileSync(`${root}/target`, "old");
    await files.rename("moved/sub/file", "target");
    expect(readFileSync(`${root}/target`, "utf8")).toBe("x");
    await expect(files.rename("target", "moved")).rejects.toMatchObject({ code: "invalid_request" });
    await expect(files.rename("none", "other")).rejects.toMatchObject({ code: "not_found" });
    await files.remove("moved", { recursive: true });
    await files.remove("target");
    await expect(files.remove("target")).rejects.toMatchObject({ code: "not_found" });
    await expect(files.remove(".", { recursive: true })).rejects.toMatchObject({ code: "invalid_request" });
    expect(readdirSync(root)).toEqual(["copy"]);
  });

  it("refuse to be watched", async () => {
    await using place = await openTestPlace(shell);
    await expect(place.far.files.watch(".")).rejects.toMatchObject({ code: "unsupported" });
  });

  it("are listed by the ten thousand in one go", async () => {
    await using place = await openTestPlace(shell);
    for (let directory = 0; directory < 20; directory++) {
      mkdirSync(`${place.root}/${directory}`);
      for (let file = 0; file < 1_000; file++) writeFileSync(`${place.root}/${directory}/${file}`, "");
    }
    const spawned = place.processes.length;
    const listed = await collected(place.far.files.list(".", { depth: 2 }));
    expect(listed.length).toBe(20_020);
    expect(place.processes.length).toBe(spawned + 1);
  });

  it("end with the signal that was aborted", async () => {
    await using place = await openTestPlace(shell);
    const reason = new Error("enough");
    const { files } = place.far;
    await expect(files.read("x", { signal: AbortSignal.abort(reason) })).rejects.toMatchObject({
      code: "cancelled",
      cause: reason,
    });
    const controller = new AbortController();
    const endless = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) });
    const writing = files.write("data", endless, { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 50);
    await expect(writing).rejects.toMatchObject({ code: "cancelled", cause: reason });
    await expect.poll(() => readdirSync(place.root)).toEqual([]);
  });
});
