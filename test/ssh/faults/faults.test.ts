import { describe, expect, it } from "vitest";
import { requires } from "../../support/requires.js";
import { type FaultName, tryFault } from "./all-faults.js";

const titles: Readonly<Record<FaultName, string>> = {
  "killed-mid-command":
    "tell nothing that did not happen when the server is killed under commands, and find durable ones again",
  "killed-mid-transfer": "leave a file old or new when the server is killed while it goes up or comes down",
  "half-open": "are told to be lost in time when the network goes silent, and outlast a short silence",
  "server-restarted": "are told to be lost when the server goes, and come back with it",
  "full-disk": "keep a file's old contents on a full disk",
  refusals: "do not come about with a wrong key, user, port, name or host, and say why",
  resets: "settle truthfully when the connection is reset at any byte",
};

describe.runIf(requires("sshd", "root"))("sessions over SSH", () => {
  for (const [name, title] of Object.entries(titles) as [FaultName, string][]) {
    it(title, { timeout: 300_000 }, async () => {
      const { findings } = await tryFault(name, { rounds: 20, isLong: false, seed: 1 });
      expect(findings.violations).toEqual([]);
      expect(findings.rounds).toBeGreaterThanOrEqual(20);
    });
  }
});
