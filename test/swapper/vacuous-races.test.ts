import { join } from "node:path";
import { type RemoteRunnerProvider, RunnerError } from "@mooring/api";
import { verifyProvider } from "@mooring/conformance";
import {
  raceFiles,
  type RaceOptions,
  type RaceSummary,
  raceVerbIds,
  summarizeRaces,
} from "@mooring/conformance/swapper";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { programsWithoutPerl } from "../../packages/providers/unix-local/test/without-perl.js";
import { altered, withCommands, withFiles } from "../mutants/altered.js";
import { localPlace } from "../support/local-place.js";

const one = { verbs: ["read"], shapes: ["directory-link"], attackers: ["tight"], operations: 40 } as const;

describe("a race that would prove nothing", { timeout: 120_000 }, () => {
  let place: Awaited<ReturnType<typeof localPlace>>;

  beforeEach(async () => {
    place = await localPlace();
  });

  afterEach(async () => {
    await place[Symbol.asyncDispose]();
  });

  async function raced(
    alter: (provider: RemoteRunnerProvider) => RemoteRunnerProvider,
    options: RaceOptions = one,
  ): Promise<RaceSummary> {
    const provider = alter(place.provider as RemoteRunnerProvider);
    const results = [];
    for await (const result of raceFiles(provider, { destination: place.destination }, options)) results.push(result);
    return summarizeRaces(results)[0] as RaceSummary;
  }

  /** Only the session that is raced. */
  const withVictim = (provider: RemoteRunnerProvider, read: () => Promise<never>): RemoteRunnerProvider => {
    const worse = withFiles(provider, () => ({ read }));
    return altered(provider, (own) => ({
      createSession: (destination, options) =>
        (options?.workspace === undefined ? own : worse).createSession(destination, options),
    }));
  };

  it("holds for a provider that is sound", async () => {
    expect(await raced((provider) => provider)).toMatchObject({ races: 1, operations: 40, escapes: 0, faults: [] });
  });

  it("fails a provider that refuses everything", async () => {
    const refusal = () => Promise.reject(new RunnerError("path_escape", "no"));
    const { faults, succeeded } = await raced((provider) => withVictim(provider, refusal));
    expect({ faults, succeeded }).toEqual({ faults: ["only 0.0 % of 40 operations succeeded"], succeeded: 0 });
  });

  it("counts errors of another kind, and names them", async () => {
    const { unexpected, faults } = await raced((provider) =>
      withVictim(provider, () => Promise.reject(new RunnerError("internal", "a defect"))),
    );
    expect(unexpected).toBe(40);
    expect(faults[0]).toContain("directory-link, tight: 40 errors of another kind (unexpected: internal: a defect");
  });

  it.each([
    ["has done nothing", "echo ready", 0],
    ["has ended early", "echo ready; echo 100000", 100_000],
  ])("fails when its attacker %s", async (_how, script, exchanges) => {
    const { faults } = await raced((provider) =>
      withCommands(provider, (commands) => ({
        start: (request, options) => commands.start(request.program === "perl" ? { script } : request, options),
      })),
    );
    const told = /^directory-link, tight: the attacker stood still after (\d+) exchanges, so that nothing is proved$/;
    expect(faults).toEqual([expect.stringMatching(told)]);
    expect(Number(told.exec(faults[0] ?? "")?.[1])).toBeLessThanOrEqual(exchanges);
  });

  it("is not run by an attacker whose program the place lacks, and says so", async () => {
    const { races, skipped } = await raced((provider) =>
      withCommands(provider, (commands) => ({
        run: (request, options) =>
          commands.run(request.script?.startsWith("command -v") === true ? { script: "exit 1" } : request, options),
      })),
    );
    expect({ races, skipped }).toEqual({ races: 0, skipped: ["the place has neither perl nor cc"] });
  });

  it("throws for a verb that does not exist", async () => {
    await expect(raced((provider) => provider, { verbs: ["fly"] })).rejects.toThrow(
      /^Expected a verb of read, .*, got fly$/,
    );
  });

  it("is skipped where paths are only checked first", async () => {
    await using without = await localPlace((directory) => ({
      env: { PATH: programsWithoutPerl(join(directory, "bin")) },
    }));
    const only = raceVerbIds.map((id) => `confinement.race-${id}`);
    const reasons = [];
    for await (const { status, reason } of verifyProvider(without.provider, {
      destination: without.destination,
      only,
    })) {
      reasons.push(`${status}: ${reason}`);
    }
    expect(reasons).toEqual(only.map(() => "skipped: files.confinement is advisory"));
  });
});
