import { describe, expect, it } from "vitest";
import { myPlace } from "../src/index.js";
import { testPlace } from "./place.js";

const { destination } = testPlace;

describe("a place in memory", () => {
  it("shows the same files to all of its sessions, and to none of another place", async () => {
    const place = myPlace();
    await using one = await place.createSession(destination);
    await using two = await place.createSession(destination);
    await one.files.write("note", "kept");
    expect((await two.files.read("note")).contents).toEqual(new TextEncoder().encode("kept"));
    await using elsewhere = await myPlace().createSession(destination);
    await expect(elsewhere.files.read("note")).rejects.toMatchObject({ code: "not_found" });
  });

  it("removes on destroy the directories that the session made, and nothing that was there before", async () => {
    const place = myPlace();
    const first = await place.createSession(destination);
    const second = await place.createSession(destination, { workspace: "/tests/deep/er" });
    await first.files.write("note", "kept");
    await second.files.write("note", "gone");
    await second.destroy();
    expect((await first.files.stat("note")).type).toBe("file");
    await expect(first.files.stat("deep")).rejects.toMatchObject({ code: "not_found" });
  });

  it("gives one of two simultaneous sessions with the same id", async () => {
    const place = myPlace();
    const outcomes = await Promise.allSettled([
      place.createSession(destination, { sessionId: "twice" }),
      place.createSession(destination, { sessionId: "twice" }),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });
});
