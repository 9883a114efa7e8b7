import { describe, expect, it } from "vitest";
import { allPersonas } from "../../support/hostile-ssh-server/personas/all-personas.js";
import { requires } from "../../support/requires.js";
import { runHostile } from "./run-hostile.js";

describe.runIf(requires("sshd"))("hostile servers", () => {
  it(
    "are met by every call without a hang, a local write, much memory or an error that is none of ours",
    {
      timeout: 600_000,
    },
    async () => {
      const { findings, results } = await runHostile(undefined);
      expect(findings.violations).toEqual([]);
      expect(results.map(({ name }) => name).toSorted()).toEqual(allPersonas.map(({ name }) => name).toSorted());
      expect(results.filter(({ opened }) => opened).length).toBeGreaterThan(20);
    },
  );
});
