import { describe, expect, test } from "vitest";
import { outputWindowBytes } from "../../src/helper/command-back-end.js";
import { fakeProvider } from "../support/fake-provider.js";

/** Of a file that is read. */
const window = 1_048_576;

describe("a helper that sends more than it was asked for", () => {
  test("ends the session as corrupt when a file is longer than `maxBytes`", async () => {
    const place = fakeProvider({
      requests: {
        "file.read": (helper, id) => helper.data(id, 1, "four and more"),
      },
    });
    await using session = await place.open();
    const read = session.files.read("file", { maxBytes: 4 });
    await expect(read).rejects.toMatchObject({ code: "disconnected" });
    expect((await session.ended).error).toMatchObject({ code: "corrupt" });
  });

  test("ends it when a stream that nobody reads has more than its credit", async () => {
    const place = fakeProvider({
      requests: {
        "file.readStream": (helper, id) => {
          helper.event(id, { event: "opened" });
          for (let sent = 0; sent <= window; sent += 65_536) helper.data(id, 1, Buffer.alloc(65_536));
        },
      },
    });
    await using session = await place.open();
    await session.files.readStream("file");
    expect((await session.ended).error).toMatchObject({ code: "corrupt" });
  });

  test("ends it when a command that nobody reads has more output than its credit", async () => {
    const place = fakeProvider({
      requests: {
        "command.start": (helper, id) => {
          helper.event(id, { event: "started", pid: 7 });
          for (let sent = 0; sent <= outputWindowBytes; sent += 65_536) helper.data(id, 2, Buffer.alloc(65_536));
        },
      },
    });
    await using session = await place.open();
    await session.commands.start({ program: "noisy", output: "stream" });
    expect((await session.ended).error).toMatchObject({ code: "corrupt" });
  });

  test("is left alone as long as it keeps to its credit", async () => {
    const place = fakeProvider({
      requests: {
        "command.start": (helper, id) => {
          helper.event(id, { event: "started", pid: 7 });
          for (let sent = 0; sent < outputWindowBytes; sent += 65_536) helper.data(id, 1, Buffer.alloc(65_536));
          helper.data(id, 1, "");
          helper.end(id, 1);
          helper.end(id, 2);
          helper.result(id, { exit: "code", value: 0, reason: "exited", durationUs: 1 });
        },
      },
    });
    await using session = await place.open();
    const { stdout, exit } = await session.commands.run({ program: "noisy" });
    expect([stdout.totalBytes, exit]).toEqual([outputWindowBytes, { kind: "code", code: 0 }]);
  });
});
