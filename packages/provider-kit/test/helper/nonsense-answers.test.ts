import { describe, expect, test } from "vitest";
import type { RequestScript } from "../support/fake-helper.js";
import { packRecord } from "../support/helper-records.js";
import { fakeProvider } from "../support/fake-provider.js";

const nonsense: RequestScript = (helper, id) => {
  helper.event(id, { event: "started", pid: 7 });
  helper.result(id, { exit: "code", value: "seven", reason: "exited", durationUs: 1 });
};

describe("an answer that makes no sense", () => {
  test("ends the command that it was meant for, as lost", async () => {
    await using session = await fakeProvider({ requests: { "command.start": nonsense } }).open();
    const result = await session.commands.run({ program: "true" });
    expect(result).toMatchObject({ reason: "disconnected", exit: { kind: "unknown" } });
  });

  test("ends the session, when its last byte is not the one that was sent", async () => {
    const answer: RequestScript = (helper, id) => {
      helper.send(0x81, id, packRecord({ path: "/srv/place/a", version: "1", size: 1, end: "\0" }));
    };
    await using session = await fakeProvider({ requests: { "file.stat": answer } }).open();
    await expect(session.files.stat("a")).rejects.toMatchObject({ code: "disconnected", cause: { code: "corrupt" } });
    expect(await session.ended).toMatchObject({ reason: "lost", error: { code: "corrupt" } });
  });

  test("ends the command that was attached to, as lost", async () => {
    await using session = await fakeProvider({ requests: { "command.attach": nonsense } }).open();
    const command = await session.commands.attach("other");
    expect(await command.result()).toMatchObject({ reason: "disconnected", exit: { kind: "unknown" } });
  });
});
