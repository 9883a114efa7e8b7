import { chmodSync, chownSync, mkdirSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FileClient } from "../../support/file-client.js";
import { FileWorkspace } from "../../support/file-workspace.js";
import { childrenOf, isAlive } from "../../support/processes.js";

let place: FileWorkspace;

beforeEach(() => {
  place = new FileWorkspace();
});

afterEach(async () => {
  await place[Symbol.asyncDispose]();
});

/** Once so much of a stream was sent, a worker has taken some of it. */
const moreThanCredit = 1_300_000;

/** Those children of the helper that hold what only workers share with it. */
function workersOf(helper: FileClient): number[] {
  return childrenOf(helper.process.pid).filter((child) => {
    try {
      const links = readdirSync(`/proc/${child}/fd`).map((descriptor) =>
        readlinkSync(`/proc/${child}/fd/${descriptor}`),
      );
      return links.includes(place.workspace) && links.some((link) => link.startsWith("/memfd:mooring"));
    } catch {
      return false;
    }
  });
}

async function eachVerb(helper: FileClient): Promise<void> {
  await helper.request("file.write", { path: "file", contents: "x".repeat(1000) });
  await helper.request("file.makeDirectory", { path: "a/b" });
  await helper.request("file.copy", { from: "file", to: "a/b/copy" });
  await helper.request("file.copy", { from: "a", to: "c" });
  await helper.request("file.rename", { from: "c", to: "d" });
  await helper.request("file.read", { path: "file", offset: 0, maxBytes: 10 });
  await helper.request("file.readStream", { path: "file", offset: 0, credit: 1 });
  await helper.request("file.stat", { path: "file", follow: true });
  expect((await helper.records("file.list", { path: ".", depth: 9 })).length).toBe(7);
  expect((await helper.records("file.glob", { path: ".", pattern: "copy$" })).length).toBe(2);
  expect((await helper.records("file.grep", { path: ".", pattern: "x", maxLineBytes: 9 })).length).toBe(3);
  const { data } = await helper.request("file.archive", { path: "." });
  const extracting = helper.start("file.extract", { path: "e", maxEntries: 100, maxTotalBytes: 100_000 });
  await extracting.send(data);
  extracting.end();
  await extracting.done;
  for (const name of ["a", "d", "e", "file"]) await helper.request("file.remove", { path: name, recursive: true });
  await expect(
    helper.request("file.read", { path: "../outside/secret", offset: 0, maxBytes: 9 }),
  ).rejects.toMatchObject({ record: { code: "path_escape" } });
  const watching = helper.start("file.watch", { path: ".", recursive: true });
  await watching.until(() => watching.events.length > 0);
  watching.abandon();
  await expect(watching.done).rejects.toMatchObject({ record: { code: "cancelled" } });
}

describe("workers", () => {
  it("leave no descriptor, process or temporary file behind", async () => {
    const helper = await place.open();
    await eachVerb(helper);
    const descriptors = () => readdirSync(`/proc/${helper.process.pid}/fd`).length - workersOf(helper).length;
    const before = descriptors();
    for (let round = 0; round < 10; round++) await eachVerb(helper);
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => helper.request("file.write", { path: `w${index}`, contents: "x" })),
    );
    // Of a worker that has just ended the helper holds the socket for a moment more.
    await expect.poll(descriptors).toBeLessThanOrEqual(before + 1);
    expect(workersOf(helper).length).toBeLessThanOrEqual(8);
    expect(readdirSync(place.workspace).filter((name) => !/^w\d+$/.test(name))).toEqual([]);
    const pids = [helper.process.pid, ...workersOf(helper)];
    await helper[Symbol.asyncDispose]();
    expect(pids.filter(isAlive)).toEqual([]);
    expect(helper.stderr).toBe("");
  });

  it("that are told to stop at any moment clean up to the end, and say nothing", async () => {
    const helper = await place.open();
    place.write("file", "x".repeat(100_000));
    for (let round = 0; round < 60; round++) {
      const copying = helper.start("file.copy", { from: "file", to: `copy${round % 4}` });
      // A round trip more or less each time, so that it is told at another moment of its work.
      for (let pings = round % 3; pings > 0; pings--) await helper.ping();
      copying.abandon();
      await copying.done.catch(() => undefined);
    }
    expect(readdirSync(place.workspace).filter((name) => !/^(file|copy\d)$/.test(name))).toEqual([]);
    await helper[Symbol.asyncDispose]();
    expect(helper.stderr).toBe("");
  });

  it("that die fail their own request only", async () => {
    const helper = await place.open();
    place.write("file", "contents");
    const writing = helper.start("file.write", { path: "file" });
    await writing.send(Buffer.alloc(moreThanCredit));
    const other = helper.start("file.write", { path: "other" });
    await other.send(Buffer.alloc(moreThanCredit));
    const busy = workersOf(helper).filter((pid) =>
      readdirSync(`/proc/${pid}/fd`).some((descriptor) =>
        readlinkSync(`/proc/${pid}/fd/${descriptor}`).includes(".mooring-"),
      ),
    );
    expect(busy.length).toBe(2);
    process.kill(busy[0] ?? 0, "SIGKILL");
    const lost = await Promise.race([writing.done, other.done]).catch((error: unknown) => error);
    expect(lost).toMatchObject({ record: { code: "internal" } });
    writing.end();
    other.end();
    const outcomes = await Promise.allSettled([writing.done, other.done]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await helper.request("file.write", { path: "third", contents: "x" });
  });

  it("end with a helper that is killed, and take their temporary files with them", async () => {
    const helper = await place.open();
    const writing = helper.start("file.write", { path: "file" });
    await writing.send(Buffer.alloc(moreThanCredit));
    const workers = workersOf(helper);
    expect(readdirSync(place.workspace).length).toBe(1);
    const exited = once(helper.process, "exit");
    helper.process.kill("SIGKILL");
    await exited;
    await expect.poll(() => workers.filter(isAlive)).toEqual([]);
    expect(readdirSync(place.workspace)).toEqual([]);
  });

  it("serve a write although 60 streams wait for their readers", async () => {
    const helper = await place.open();
    place.write("large", Buffer.alloc(1_000_000));
    const streams = Array.from({ length: 60 }, () =>
      helper.start("file.readStream", { path: "large", offset: 0, credit: 1 }),
    );
    for (const stream of streams) stream.grants = false;
    await helper.request("file.write", { path: "file", contents: "x" });
    for (const stream of streams) stream.grant(2_000_000);
    for (const { data } of await Promise.all(streams.map(({ done }) => done))) expect(data.length).toBe(1_000_000);
  });
});

describe("the helper's surroundings", () => {
  it("need no module beyond perl-base", async () => {
    const helper = await place.open({
      source: (source) => `BEGIN { @INC = grep { m{/perl-base\\z} } @INC }\n${source}`,
    });
    await eachVerb(helper);
    expect(helper.stderr).toBe("");
  });

  it("need no openat2 and no statx", async () => {
    const helper = await place.open({
      source: (source) =>
        source
          .replace("'openat2'           => [437, 437]", "'openat2' => [9999, 9999]")
          .replace("'statx'             => [332, 291]", "'statx' => [9998, 9998]"),
    });
    await eachVerb(helper);
    await helper.request("file.write", { path: "file", contents: "12345", mode: 0o640 });
    const status = statSync(place.at("file"));
    expect((await helper.request("file.stat", { path: "file", follow: true })).result).toMatchObject({
      size: "5",
      mode: String(0o640),
      uid: String(status.uid),
      mtimeMs: String(Math.floor(status.mtimeMs)),
      type: "file",
    });
    expect(helper.stderr).toBe("");
  });

  it.runIf(process.getuid?.() === 0)("need no root", async () => {
    const uid = 4242;
    for (const directory of [place.base, place.workspace]) chownSync(directory, uid, uid);
    for (const source of [
      (text: string) => text,
      (text: string) => text.replace("'openat2'           => [437, 437]", "'openat2' => [9999, 9999]"),
    ]) {
      const helper = await place.open({ uid, source });
      await eachVerb(helper);
      expect(helper.stderr).toBe("");
      await helper[Symbol.asyncDispose]();
    }
  });

  it.runIf(process.getuid?.() === 0)("keep their permissions for a user who is not root", async () => {
    const uid = 4242;
    for (const directory of [place.base, place.workspace]) chownSync(directory, uid, uid);
    const helper = await place.open({ uid });
    chmodSync(place.write("closed/file", "x"), 0o600);
    chmodSync(place.at("closed"), 0o700);
    place.write("locked", "old");
    mkdirSync(place.at("drop"));
    chmodSync(place.at("drop"), 0o333);
    for (const [op, fields] of [
      ["file.read", { path: "closed/file", offset: 0, maxBytes: 9 }],
      ["file.write", { path: "closed/new", contents: "x" }],
      ["file.write", { path: "locked", contents: "new" }],
      ["file.list", { path: "closed", depth: 1 }],
      ["file.remove", { path: "closed", recursive: true }],
      ["file.copy", { from: "closed", to: "copy" }],
      ["file.archive", { path: "." }],
    ] as const) {
      await expect(helper.request(op, fields)).rejects.toMatchObject({ record: { errno: "EACCES" } });
    }
    expect(place.read("locked")).toBe("old");
    const listing = await helper.request("file.list", { path: ".", depth: 9 });
    expect(listing.result).toMatchObject({ unreadable: "2" });
    // A directory that may be written and not read.
    await helper.request("file.write", { path: "drop/file", contents: "x" });
    expect(place.read("drop/file")).toBe("x");
    expect(readdirSync(place.at("drop"))).toEqual(["file"]);
    expect(readdirSync(place.workspace).toSorted()).toEqual(["closed", "drop", "locked"]);
  });
});
