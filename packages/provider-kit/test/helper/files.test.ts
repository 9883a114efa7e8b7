import { describe, expect, test } from "vitest";
import { clientFrame } from "../../src/helper/frame-types.js";
import { readList } from "../../src/helper/record-reader.js";
import { packList, packRecord } from "../support/helper-records.js";
import { collect } from "../support/collect.js";
import { fakeProvider } from "../support/fake-provider.js";

const info = { path: "/srv/place/a", type: "file", size: 3, mtimeMs: 5, mode: 0o644, uid: 1, gid: 2, version: "v1" };

function readable(...pieces: readonly string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(Buffer.from(piece));
      controller.close();
    },
  });
}

describe("files", () => {
  test("are read with what is known of them", async () => {
    await using session = await fakeProvider({
      requests: {
        "file.read": (helper, id, record) => {
          expect(record.get("offset")?.toString()).toBe("2");
          expect(record.get("maxBytes")?.toString()).toBe("10");
          expect(record.has("credit")).toBe(false);
          helper.data(id, 1, "con");
          helper.data(id, 1, "tents");
          helper.result(id, { path: "/srv/place/a", size: 100, version: "v", truncated: 1 });
        },
      },
    }).open();
    const read = await session.files.read("a", { offset: 2, maxBytes: 10 });
    expect(Buffer.from(read.contents).toString()).toBe("contents");
    expect(read).toMatchObject({ path: "/srv/place/a", sizeBytes: 100, truncated: true, version: "v" });
  });

  test("that are small are written in one frame, large ones as they find room", async () => {
    const fake = fakeProvider({
      requests: {
        "file.write": (helper, id, record) => {
          const contents = record.get("contents");
          if (contents !== undefined) helper.result(id, { version: "v", size: contents.length });
        },
      },
    });
    await using session = await fake.open();
    expect(await session.files.write("a", "small")).toEqual({ version: "v", sizeBytes: 5 });
    const writing = session.files.write("a", new Uint8Array(300_000));
    const helper = fake.helpers[0];
    const first = await helper?.received(({ type }) => type === clientFrame.data);
    helper?.send(0x86, first?.id ?? 0, Buffer.of(0, 0, 4, 0, 0));
    await helper?.received(({ type }) => type === clientFrame.end);
    helper?.result(first?.id ?? 0, { version: "v2", size: 300_000 });
    expect(await writing).toEqual({ version: "v2", sizeBytes: 300_000 });
  });

  test("are not written from a source that fails", async () => {
    const fake = fakeProvider({ requests: { "file.write": () => undefined } });
    await using session = await fake.open();
    const source = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.error(new Error("the disk broke"));
      },
    });
    await expect(session.files.write("a", source)).rejects.toMatchObject({ code: "invalid_request" });
    await fake.helpers[0]?.received(({ type }) => type === clientFrame.abandon);
    expect(fake.helpers[0]?.frames.some(({ type }) => type === clientFrame.end)).toBe(false);
  });

  test("tell the reason of the far side when it refuses in the middle", async () => {
    await using session = await fakeProvider({
      requests: { "file.write": (helper, id) => helper.error(id, { errno: "ENOSPC", message: "No space left" }) },
    }).open();
    await expect(session.files.write("a", readable("x", "y"))).rejects.toMatchObject({
      code: "resource_exhausted",
      operation: "files.write",
      details: { errno: "ENOSPC" },
    });
  });

  test("are streamed as they are pulled", async () => {
    const fake = fakeProvider({
      requests: {
        "file.readStream": (helper, id) => {
          for (let count = 0; count < 8; count++) helper.data(id, 1, Buffer.alloc(131_072));
        },
      },
    });
    await using session = await fake.open();
    const reader = (await session.files.readStream("a")).getReader();
    const helper = fake.helpers[0];
    expect(helper?.frames.some(({ type }) => type === clientFrame.credit)).toBe(false);
    let total = 0;
    while (total < 262_144) total += (await reader.read()).value?.length ?? 0;
    const credit = await helper?.received(({ type }) => type === clientFrame.credit);
    expect(credit?.payload.readUInt32BE(1)).toBeGreaterThanOrEqual(262_144);
    await reader.cancel();
    await helper?.received(({ type }) => type === clientFrame.abandon);
  });

  test("fail a stream that had begun with the far side's reason", async () => {
    const fake = fakeProvider({
      requests: { "file.readStream": (helper, id) => helper.data(id, 1, "half") },
    });
    await using session = await fake.open();
    const reader = (await session.files.readStream("a")).getReader();
    await reader.read();
    const next = reader.read();
    fake.helpers[0]?.exit();
    await expect(next).rejects.toMatchObject({ code: "disconnected" });
  });

  test("are listed as the records come, however they are cut", async () => {
    const records = packList([
      packRecord(info),
      packRecord({ ...info, path: "/srv/place/b", target: "a", type: "symlink" }),
    ]);
    await using session = await fakeProvider({
      requests: {
        "file.list": (helper, id, record) => {
          expect(readList(record.get("exclude")).map(String)).toEqual(["^(?:.*/)?node_modules$"]);
          for (const byte of records) helper.data(id, 1, Buffer.of(byte));
          helper.end(id, 1);
          helper.result(id, { truncated: 1 });
        },
      },
    }).open();
    const listing = session.files.list(".", { exclude: ["node_modules"], limit: 2 });
    const found = [];
    for await (const entry of listing) found.push(entry);
    expect(found).toEqual([
      { path: "/srv/place/a", type: "file", sizeBytes: 3, modifiedAtMs: 5, mode: 0o644, uid: 1, gid: 2, version: "v1" },
      {
        path: "/srv/place/b",
        type: "symlink",
        sizeBytes: 3,
        modifiedAtMs: 5,
        mode: 0o644,
        uid: 1,
        gid: 2,
        version: "v1",
        symlinkTarget: "a",
      },
    ]);
    expect(listing.truncated).toBe(true);
  });

  test("whose names are no UTF-8 come with their bytes", async () => {
    const path = Buffer.from([0x2f, 0xff]);
    await using session = await fakeProvider({
      requests: { "file.stat": (helper, id) => helper.result(id, { ...info, path }) },
    }).open();
    const found = await session.files.stat(path);
    expect(found.path).toBe("/\u{fffd}");
    expect(found.pathBytes).toEqual(new Uint8Array(path));
  });

  test("stop being looked for when the loop is left", async () => {
    const fake = fakeProvider({
      requests: {
        "file.grep": (helper, id) => helper.data(id, 1, packList([packRecord({ path: "/a", line: 1, text: "x" })])),
      },
    });
    await using session = await fake.open();
    for await (const match of session.files.grep("x")) {
      expect(match).toEqual({ path: "/a", line: 1, text: "x", lineTruncated: false });
      break;
    }
    await fake.helpers[0]?.received(({ type }) => type === clientFrame.abandon);
  });

  test("that cannot match because the pattern's directory is missing are no error", async () => {
    const missing = { errno: "ENOENT", message: "no such directory" };
    await using session = await fakeProvider({
      requests: { "file.glob": (helper, id) => helper.error(id, missing) },
    }).open();
    expect(await collect(session.files.glob("src/*.ts"))).toEqual([]);
    await expect(collect(session.files.glob("*.ts"))).rejects.toMatchObject({ code: "not_found" });
  });

  test("are watched from the moment that the watch is armed", async () => {
    const fake = fakeProvider({ requests: { "file.watch": (helper, id) => helper.event(id, { event: "armed" }) } });
    await using session = await fake.open();
    const events: string[] = [];
    {
      await using watch = await session.files.watch(".");
      const helper = fake.helpers[0];
      const id = helper?.frames.at(-1)?.id ?? 0;
      helper?.data(
        id,
        1,
        packList([packRecord({ type: "created", path: "/srv/place/a" }), packRecord({ type: "overflow" })]),
      );
      for await (const event of watch) {
        events.push(event.type);
        if (event.type === "overflow") break;
      }
    }
    expect(events).toEqual(["created", "overflow"]);
    await fake.helpers[0]?.received(({ type }) => type === clientFrame.abandon);
  });

  test.each<
    [string, (files: Awaited<ReturnType<ReturnType<typeof fakeProvider>["open"]>>["files"]) => Promise<unknown>]
  >([
    ["Expected `path` to be a path that is not empty, got `` (string)", (files) => files.read("")],
    ["Expected `path` to be without NUL bytes, got one with a NUL byte", (files) => files.stat("a\0b")],
    ["Expected `maxBytes` to be a non-negative integer, got -1 (number)", (files) => files.read("a", { maxBytes: -1 })],
    [
      "Expected `mode` to be permission bits from 0 to 0o7777, got 65536 (number)",
      (files) => files.write("a", "b", { mode: 0x10000 }),
    ],
    ["Expected `depth` to be a positive integer, got 0 (number)", (files) => collect(files.list(".", { depth: 0 }))],
    ["Expected `pattern` to be a regular expression, got `(` (string)", (files) => collect(files.grep("("))],
    [
      "Expected `pattern` to be a relative pattern without NUL bytes, got `/etc/*` (string)",
      (files) => collect(files.glob("/etc/*")),
    ],
  ])("refuse before anything is sent: %s", async (message, attempt) => {
    const fake = fakeProvider();
    await using session = await fake.open();
    await expect(attempt(session.files)).rejects.toMatchObject({ code: "invalid_request", message });
    expect(fake.helpers[0]?.requests).toEqual(["session.open"]);
  });
});
