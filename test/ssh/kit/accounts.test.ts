import { describe, expect, it } from "vitest";
import { requires } from "../../support/requires.js";
import { groupsPerChange, runKit } from "./run-kit.js";

describe.runIf(requires("sshd", "root", "busybox"))("the kit by group over SSH", () => {
  it.each(["user", "busybox", "jump"] as const)("passes on the account %s", { timeout: 600_000 }, async (name) => {
    const { findings, passed } = await runKit(name, groupsPerChange[name]);
    expect(findings.violations).toEqual([]);
    expect(passed).toBeGreaterThan(40);
  });
});
