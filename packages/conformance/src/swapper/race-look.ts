import { RunnerError } from "@mooring/api";
import { decode } from "../support/collect.js";
import { outsideIn } from "./outside-marks.js";
import type { RaceArena } from "./race-arena.js";
import type { RacePlace } from "./race-place.js";

/** Everything that lies outside of the workspace: its path, and all that can be seen of it. */
export type OutsideLook = ReadonlyMap<string, string>;

/** Looks at all that is outside, by the outer session: names, types, modes, contents. No attacker may be running. */
export async function lookOutside({ base, outer, shell }: RaceArena): Promise<OutsideLook> {
  const look = new Map<string, string>();
  const sums = new Map<string, string>();
  for (const line of (await shell("find outside -type f -exec cksum {} +")).split("\n")) {
    const [, sum = "", path = ""] = /^(\d+ \d+) (.*)$/.exec(line) ?? [];
    sums.set(path, sum);
  }
  for await (const { path, type, mode, symlinkTarget = "" } of outer.files.list(`${base}/outside`, { depth: 40 })) {
    const name = path.slice(base.length + 1);
    look.set(name, [type, mode.toString(8), symlinkTarget, sums.get(name) ?? ""].join(" "));
  }
  for await (const { path, type } of outer.files.list(base)) {
    const name = path.slice(base.length + 1);
    // What changes places in the races of the root itself, and what it is left as.
    if (name !== "workspace" && !name.startsWith("away")) look.set(name, type);
  }
  return look;
}

/** Every path that is there in one look and not in the other, or differs. With what became of it. */
export function changesOutside(before: OutsideLook, after: OutsideLook): readonly { path: string; what: string }[] {
  const changes: { path: string; what: string }[] = [];
  for (const [path, was] of before) {
    const is = after.get(path);
    if (is === undefined) changes.push({ path, what: "is gone" });
    else if (is !== was) changes.push({ path, what: `was ${was}, is ${is}` });
  }
  for (const [path, is] of after) if (!before.has(path)) changes.push({ path, what: `was made: ${is}` });
  return changes;
}

/** What of the outside was brought into the race's own directory, by its path. */
export async function broughtIn(
  { base, outer, marks, shell }: RaceArena,
  place: RacePlace,
): Promise<readonly string[]> {
  const top = `workspace/${place.name}`;
  const found: string[] = [];
  for await (const info of outer.files.list(`${base}/${top}`, { depth: 40 })) {
    const seen = outsideIn(info, marks);
    if (seen !== undefined) found.push(`${info.path.slice(base.length + 1)}: ${seen}`);
  }
  // `grep` ends with 1 where it finds nothing, which is as it should be.
  const holders = await shell('find "$1" -type f -exec grep -l "$2" {} + || :', [top, marks.canary]);
  for (const path of holders.split("\n")) if (path !== "") found.push(`${path}: contents from outside`);
  return found;
}

/** The first words of a file that lies outside; empty when there is none. */
export async function textAt({ base, outer }: RaceArena, path: string): Promise<string> {
  try {
    return decode((await outer.files.read(`${base}/${path}`, { maxBytes: 200 })).contents);
  } catch (error) {
    if (RunnerError.is(error)) return "";
    throw error;
  }
}
