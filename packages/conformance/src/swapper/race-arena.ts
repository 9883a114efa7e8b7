import type { RemoteRunnerSession, RunnerCommandResult } from "@mooring/api";
import { type AttackPrograms, attackPrograms } from "./attackers/attack-programs.js";
import { newMarks, type OutsideMarks } from "./outside-marks.js";

/** Where races take place: a directory with `workspace` and `outside` in it, and two sessions. */
export interface RaceArena {
  /** Absolute. */
  readonly base: string;
  /** Sees and changes all of `base`: the attackers run here, and what is outside is looked at. */
  readonly outer: RemoteRunnerSession;
  /** Confined to `base/workspace`: its verbs are raced. */
  readonly victim: RemoteRunnerSession;
  readonly programs: AttackPrograms;
  readonly marks: OutsideMarks;
  /** A number for each race, for its names. */
  readonly next: () => number;
  /** Runs a script in `base`, which must succeed. Resolves to its output. */
  readonly shell: (script: string, args?: readonly string[]) => Promise<string>;
}

/**
 * Makes the two directories in `base`, which must be there and empty, and opens the victim's session by
 * `openVictim(workspace)`. Whoever calls removes `base` and ends the sessions.
 */
export async function openArena(
  outer: RemoteRunnerSession,
  base: string,
  openVictim: (workspace: string) => Promise<RemoteRunnerSession>,
): Promise<RaceArena> {
  let races = 0;
  async function shell(script: string, args: readonly string[] = []): Promise<string> {
    const result = await outer.commands.run({
      program: "sh",
      args: ["-c", script, "race", ...args],
      cwd: base,
      timeoutMs: 120_000,
      graceMs: 0,
      // A race of many operations leaves many names.
      maxOutputBytes: 67_108_864,
    });
    if (result.exit.kind !== "code" || result.exit.code !== 0) throw new Error(failureOf(result));
    return result.stdout.text();
  }
  await shell("mkdir workspace outside");
  return {
    base,
    outer,
    victim: await openVictim(`${base}/workspace`),
    programs: await attackPrograms(outer, base),
    marks: newMarks(),
    next: () => (races += 1),
    shell,
  };
}

function failureOf({ exit, reason, stderr }: RunnerCommandResult): string {
  return `A script that the race needs ended by ${reason} with ${JSON.stringify(exit)}: ${stderr.text()}`;
}
