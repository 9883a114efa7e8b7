import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FileClient, FileRequest } from "../../support/file-client.js";
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

async function watch(name: string, fields: Record<string, string | number | boolean> = {}): Promise<FileRequest> {
  const watching = helper.start("file.watch", { path: name, recursive: true, ...fields });
  await watching.until(() => watching.events.some(({ event }) => event === "armed"));
  return watching;
}

/** The events as short lines, when one for the given path has come. */
async function eventsUntil(watching: FileRequest, name: string): Promise<string[]> {
  const short = (file: string | undefined) => (file ?? "").slice(place.workspace.length + 1);
  await watching.until(() => watching.records().some((record) => record["path"] === place.at(name)));
  return watching
    .records()
    .map((record) =>
      record["type"] === "renamed"
        ? `renamed ${short(record["from"])} ${short(record["path"])}`
        : `${record["type"]} ${short(record["path"])}`,
    );
}

describe("file.watch", () => {
  it("reports what is created, modified, renamed and removed", async () => {
    place.write("old", "1");
    const watching = await watch(".");
    place.write("new", "1");
    writeFileSync(place.at("old"), "22");
    renameSync(place.at("new"), place.at("renamed"));
    rmSync(place.at("old"));
    place.write("end");
    const events = await eventsUntil(watching, "end");
    // A write may show as two: it cuts the file and then fills it.
    const distinct = new Set(
      events.slice(0, events.indexOf("created end")).filter((event) => event !== "modified new"),
    );
    expect([...distinct]).toEqual(["created new", "modified old", "renamed new renamed", "removed old"]);
  });

  it("reports what is made in new directories, however deep, once", async () => {
    const watching = await watch(".");
    for (let round = 0; round < 20; round++) {
      mkdirSync(place.at(`d${round}/a/b/c`), { recursive: true });
      writeFileSync(place.at(`d${round}/a/b/c/file`), "x");
    }
    for (let round = 0; round < 20; round++) await eventsUntil(watching, `d${round}/a/b/c/file`);
    writeFileSync(place.at("d0/a/b/c/later"), "x");
    const created = (await eventsUntil(watching, "d0/a/b/c/later")).filter((event) => event.startsWith("created"));
    expect(new Set(created).size).toBe(created.length);
    expect(created.length).toBe(20 * 5 + 1);
  });

  it("follows a directory that is renamed, and lets go of one that leaves", async () => {
    mkdirSync(place.at("one/inner"), { recursive: true });
    mkdirSync(place.at("leaving"));
    const watching = await watch(".");
    renameSync(place.at("one"), place.at("two"));
    writeFileSync(place.at("two/inner/file"), "x");
    expect(await eventsUntil(watching, "two/inner/file")).toContain("renamed one two");
    renameSync(place.at("leaving"), path.join(place.outside, "left"));
    expect(await eventsUntil(watching, "leaving")).toContain("removed leaving");
    writeFileSync(path.join(place.outside, "left/file"), "x");
    place.write("end");
    expect((await eventsUntil(watching, "end")).join()).not.toContain("left");
  });

  it("shows an atomic write as one change of the file itself", async () => {
    place.write("file", "old");
    const watching = await watch(".");
    await helper.request("file.write", { path: "file", contents: "new" });
    await helper.request("file.write", { path: "other", contents: "new" });
    await helper.request("file.write", { path: "end", contents: "" });
    expect(await eventsUntil(watching, "end")).toEqual(["modified file", "created other", "created end"]);
  });

  it("watches one directory only, when it is not to go deeper", async () => {
    mkdirSync(place.at("deep"));
    const watching = await watch(".", { recursive: false });
    place.write("deep/file", "x");
    place.write("end");
    expect((await eventsUntil(watching, "end")).filter((event) => event.startsWith("created"))).toEqual([
      "created end",
    ]);
  });

  it("watches a single file through its replacement", async () => {
    place.write("file", "old");
    const watching = await watch("file");
    place.write("beside", "x");
    await helper.request("file.write", { path: "file", contents: "new" });
    expect(await eventsUntil(watching, "file")).toEqual(["modified file"]);
    rmSync(place.at("file"));
    await watching.until(() => watching.records().some(({ type }) => type === "removed"));
  });

  it("does not look behind links", async () => {
    symlinkSync(place.outside, place.at("link"));
    const watching = await watch(".");
    writeFileSync(path.join(place.outside, "new"), "x");
    place.write("end");
    expect((await eventsUntil(watching, "end")).filter((event) => !event.endsWith("end"))).toEqual([]);
  });

  it("says overflow to a reader who does not read, and reports again afterwards", async () => {
    const watching = await watch(".", { credit: 8_192 });
    watching.grants = false;
    execFileSync("perl", ["-e", "for (1 .. 20_000) { open F, '>', \"$ARGV[0]/f$_\"; close F }", place.workspace]);
    // A change after it that the watcher has certainly taken up together with all before it.
    await helper.request("file.list", { path: ".", depth: 1 });
    watching.grant(100_000_000);
    await watching.until(() => watching.records().some(({ type }) => type === "overflow"));
    place.write("after");
    await eventsUntil(watching, "after");
  }, 60_000);

  it("is armed for a tree of 2,000 directories without keeping others waiting, and ends when it is abandoned", async () => {
    for (let directory = 0; directory < 2000; directory++)
      mkdirSync(place.at(`d${directory % 50}/e${directory}`), { recursive: true });
    const watching = helper.start("file.watch", { path: ".", recursive: true });
    const pings = [await helper.ping(), await helper.ping(), await helper.ping()];
    await watching.until(() => watching.events.length > 0);
    expect(Math.min(...pings)).toBeLessThan(20);
    place.write("d7/e7/file", "x");
    await eventsUntil(watching, "d7/e7/file");
    watching.abandon();
    await expect(watching.done).rejects.toMatchObject({ record: { code: "cancelled" } });
    // The worker is gone, and no zombie is left of it.
    const zombies = () =>
      readFileSync(`/proc/${helper.process.pid}/task/${helper.process.pid}/children`, "utf8")
        .trim()
        .split(" ")
        .filter((child) => / Z /.test(readFileSync(`/proc/${child}/stat`, "utf8")));
    await expect.poll(zombies).toEqual([]);
  });
});
