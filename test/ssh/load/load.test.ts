import { describe, expect, it } from "vitest";
import { requires } from "../../support/requires.js";
import { tryLoad } from "./load.js";

describe.runIf(requires("sshd", "root"))("a stock server under load", () => {
  it("serves many sessions and commands at once, and many sessions in turn", { timeout: 240_000 }, async () => {
    const { findings, descriptorsMore } = await tryLoad({ sessions: 60, commands: 100, sequential: 60 });
    expect(findings.violations).toEqual([]);
    expect(findings.rounds).toBe(220);
    expect(descriptorsMore).toBeLessThanOrEqual(0);
  });
});
