import type { RunnerFileInfo } from "@mooring/api";
import { collectItems, decode } from "../support/collect.js";
import { outsideIn } from "./outside-marks.js";
import type { RaceArena } from "./race-arena.js";
import type { RacePlace } from "./race-place.js";

/** Everything that lies outside of the workspace: its path, and all that can be seen of it. */
export type OutsideLook = ReadonlyMap<string, string>;

const readsAtOnce = 16;

/** Looks at all that is outside, by the outer session: names, types, modes, contents. No attacker may be running. */
export async function lookOutside({ base, outer }: RaceArena): Promise<OutsideLook> {
  const look = new Map<string, string>();
  const infos = await collectItems(outer.files.list(`${base}/outside`, { depth: 40 }));
  const contents = await contentsOf(outer, infos);
  for (const [index, info] of infos.entries()) {
    const { path, type, mode, symlinkTarget = "" } = info;
    look.set(path.slice(base.length + 1), [type, mode.toString(8), symlinkTarget, contents[index]].join(" "));
  }
  for (const { path, type } of await collectItems(outer.files.list(base))) {
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
export async function broughtIn({ base, outer, marks }: RaceArena, place: RacePlace): Promise<readonly string[]> {
  const top = `${base}/workspace/${place.name}`;
  const infos = await collectItems(outer.files.list(top, { depth: 40 }));
  const contents = await contentsOf(outer, infos);
  const found: string[] = [];
  for (const [index, info] of infos.entries()) {
    const seen = outsideIn(info, marks) ?? outsideIn(contents[index], marks);
    if (seen !== undefined) found.push(`${info.path.slice(top.length + 1)}: ${seen}`);
  }
  return found;
}

async function contentsOf({ files }: RaceArena["outer"], infos: readonly RunnerFileInfo[]): Promise<readonly string[]> {
  const contents: string[] = infos.map(() => "");
  let next = 0;
  async function readOn(): Promise<void> {
    while (next < infos.length) {
      const index = next++;
      const info = infos[index] as RunnerFileInfo;
      if (info.type === "file") contents[index] = decode((await files.read(info.path)).contents);
    }
  }
  await Promise.all(Array.from({ length: readsAtOnce }, readOn));
  return contents;
}
