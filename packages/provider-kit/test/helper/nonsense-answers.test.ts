import { describe, expect, test } from "vitest";
import type { RequestScript } from "../support/fake-helper.js";
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

  test("ends the command that was attached to, as lost", async () => {
    await using session = await fakeProvider({ requests: { "command.attach": nonsense } }).open();
    const command = await session.commands.attach("other");
    expect(await command.result()).toMatchObject({ reason: "disconnected", exit: { kind: "unknown" } });
  });
});
