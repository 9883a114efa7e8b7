import type { RemoteRunnerProvider, RunnerCommand } from "@mooring/api";
import { runProcessZoo } from "@mooring/conformance/zoo";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { altered, withCommands, withHandles } from "../mutants/altered.js";
import { localPlace } from "../support/local-place.js";

describe("the process zoo", () => {
  let place: Awaited<ReturnType<typeof localPlace>>;

  beforeAll(async () => {
    place = await localPlace();
  });

  afterAll(async () => {
    await place[Symbol.asyncDispose]();
  });

  // How long it takes is for `npm run zoo` to judge, on a machine that does nothing else.
  test("nothing outlives any ending, and no neighbour notices: ten rounds", { timeout: 900_000 }, async () => {
    const { provider, destination, facts } = place;
    const report = await runProcessZoo(provider, { destination, ...facts }, { rounds: 10 });
    expect(report).toMatchObject({ violations: [], skipped: [], survivors: 0, endings: 480 });
    expect(report.cells).toHaveLength(48);
  });

  test("a cancel that ends the process group only is caught by its survivors", { timeout: 120_000 }, async () => {
    const { destination } = place;
    const report = await runProcessZoo(cancellingGroupsOnly(), { destination }, { rounds: 1, endings: ["cancel"] });
    expect(report.cells.filter(({ survivors }) => survivors > 0).map(({ kind }) => kind)).toEqual([
      "setsid-child",
      "daemon",
      "clean-environment",
      "pid-hopper",
    ]);
  });

  test("a cancel that ends its neighbours, too, is caught", { timeout: 120_000 }, async () => {
    const { destination } = place;
    const report = await runProcessZoo(cancellingEverybody(), { destination }, { rounds: 1, endings: ["cancel"] });
    expect(report.survivors).toBe(0);
    expect(report.violations).toEqual([
      expect.stringMatching(/^cancel: a neighbour with .*: its offspring is gone$/),
      expect.stringMatching(/^cancel: a neighbour with .*: its offspring is gone$/),
    ]);
  });

  test("an exit 0 that was made up is caught", { timeout: 120_000 }, async () => {
    const { destination } = place;
    const inventing = withHandles(place.provider as RemoteRunnerProvider, (command) => ({
      result: async () => ({ ...(await command.result()), exit: { kind: "code", code: 0 } }),
    }));
    const report = await runProcessZoo(inventing, { destination }, { rounds: 1, endings: ["abort"] });
    expect(report.violations).toContain("abort, child: an exit code 0 was invented");
  });

  test("what a place does not claim, or whose fact is not known, is told to be left out", async () => {
    const { destination, provider } = place;
    const report = await runProcessZoo(provider, { destination }, { rounds: 1, endings: ["owner killed"] });
    expect(report.skipped).toEqual(["owner killed: the facts say nothing of `owner`"]);
    expect(report.endings).toBe(0);
  });

  function cancellingGroupsOnly(): RemoteRunnerProvider {
    return withHandles(place.provider as RemoteRunnerProvider, (command) => ({
      cancel: async () => {
        await command.signal("SIGKILL");
        return { cancelled: true, survivors: [], confirmed: true };
      },
      result: async () => ({ ...(await command.result()), reason: "cancelled" }),
    }));
  }

  function cancellingEverybody(): RemoteRunnerProvider {
    const started: RunnerCommand[] = [];
    return withCommands(place.provider as RemoteRunnerProvider, (commands) => ({
      start: async (request, options) => {
        const own = await commands.start(request, options);
        started.push(own);
        return altered(own, () => ({
          cancel: async (how) => {
            const reports = await Promise.all(started.map((command) => command.cancel(how)));
            return reports[0] ?? { cancelled: false, survivors: [], confirmed: true };
          },
        }));
      },
    }));
  }
});
