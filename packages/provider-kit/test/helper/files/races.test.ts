import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Answer, FileClient } from "../../support/file-client.js";
import { FileWorkspace, treeOf } from "../../support/file-workspace.js";
import { swap } from "../../support/swapper.js";
import { tarOf } from "../../support/tar.js";

const rounds = Number(process.env["MOORING_TEST_RACES"] ?? 2_000);
const inFlight = 8;

// Where there is no openat2 a path is walked, descriptor by descriptor. The conformance kit races all verbs against attackers of
// many kinds where there is one; here they go through the walk. A directory of the workspace and a link to one outside change
// places in a tight loop. What is outside has the very same entries, so that every escape would succeed, and would show.
const verbs: Record<
  string,
  { readonly prepare?: readonly string[]; readonly run: (helper: FileClient, round: number) => Promise<Answer> }
> = {
  read: { run: (helper) => helper.request("file.read", { path: "target/file", offset: 0, maxBytes: 100 }) },
  list: { run: (helper) => helper.request("file.list", { path: "target", depth: 1 }) },
  archive: { run: (helper) => helper.request("file.archive", { path: "target/tree" }) },
  overwrite: { run: (helper) => helper.request("file.write", { path: "target/file", contents: "inside" }) },
  makeDirectory: { run: (helper, round) => helper.request("file.makeDirectory", { path: `target/made-${round}/a` }) },
  "rename inside": {
    prepare: ["rename"],
    run: (helper, round) =>
      helper.request("file.rename", { from: `target/rename-${round}`, to: `target/renamed-${round}` }),
  },
  "copy a tree": {
    run: (helper, round) => helper.request("file.copy", { from: "target/tree", to: `target/tree-${round}` }),
  },
  "remove a tree": {
    prepare: ["removed-tree"],
    run: (helper, round) => helper.request("file.remove", { path: `target/removed-tree-${round}`, recursive: true }),
  },
  extract: {
    run: async (helper, round) => {
      const extracting = helper.start("file.extract", { path: "target", maxEntries: 10, maxTotalBytes: 10_000 });
      await extracting.send(tarOf([{ name: `tree/unpacked-${round}`, contents: "inside" }])).catch(() => undefined);
      extracting.end();
      return await extracting.done;
    },
  },
};

function verbOf(name: string) {
  const verb = verbs[name];
  if (verb === undefined) throw new Error(`There is no verb ${name}`);
  return verb;
}

const withoutOpenat2 = (source: string) =>
  source.replace("'openat2'           => [437, 437]", "'openat2' => [9999, 9999]");

const canary = "outside-canary";
const encodedCanary = Buffer.from(canary).toString("base64").slice(0, 16);

/** The workspace's own entries, and the same ones outside. */
function makeBoth(place: FileWorkspace, prepare: readonly string[]): void {
  place.write("source", "inside");
  for (const [directory, text] of [
    [place.at("target"), "inside"],
    [path.join(place.outside, "target"), canary],
  ] as const) {
    mkdirSync(path.join(directory, "tree"), { recursive: true });
    writeFileSync(path.join(directory, "file"), text);
    writeFileSync(path.join(directory, "tree", "inner"), text);
    for (const name of prepare) {
      for (let round = 0; round < rounds; round++) {
        const entry = path.join(directory, `${name}-${round}`);
        if (name === "removed-tree") {
          mkdirSync(entry);
          writeFileSync(path.join(entry, "inner"), text);
        } else writeFileSync(entry, text);
      }
    }
  }
}

interface RaceOutcome {
  readonly succeeded: number;
  /** Answers that hold what is outside. */
  readonly leaks: number;
  /** Failures that are neither a refusal nor "try again". */
  readonly unexpected: unknown[];
}

/** Runs the verb while the two names change places in a tight loop. */
async function race(
  helper: FileClient,
  names: readonly [string, string],
  run: (helper: FileClient, round: number) => Promise<Answer>,
): Promise<RaceOutcome> {
  let succeeded = 0;
  let leaks = 0;
  let next = 0;
  const unexpected: unknown[] = [];
  const work = async () => {
    while (next < rounds) {
      try {
        const { data } = await run(helper, next++);
        succeeded++;
        if (data.includes(canary)) leaks++;
      } catch (error) {
        const { record } = error as { record?: Record<string, string> };
        const isRefusal = record?.["code"] === "path_escape" || record?.["code"] === "unavailable";
        if (!isRefusal) unexpected.push(record ?? error);
      }
    }
  };
  const swapper = await swap(...names);
  await Promise.all(Array.from({ length: inFlight }, work));
  await swapper[Symbol.asyncDispose]();
  return { succeeded, leaks, unexpected };
}

describe("while something and a link to outside change places in a tight loop", () => {
  let place: FileWorkspace;

  beforeEach(() => {
    place = new FileWorkspace();
  });

  afterEach(async () => {
    await place[Symbol.asyncDispose]();
  });

  it.each(Object.keys(verbs))(
    "%s, by a walk, never leaves the workspace",
    async (name) => {
      const { prepare = [], run } = verbOf(name);
      makeBoth(place, prepare);
      symlinkSync("../outside/target", place.at("other"));
      const before = treeOf(place.outside);
      const { succeeded, leaks, unexpected } = await race(
        await place.open({ source: withoutOpenat2 }),
        [place.at("target"), place.at("other")],
        run,
      );
      expect(treeOf(place.outside)).toEqual(before);
      expect({ leaks, unexpected }).toEqual({ leaks: 0, unexpected: [] });
      expect(succeeded).toBeGreaterThanOrEqual(rounds * 0.05);
      // What was copied came from inside.
      const brought = Object.entries(treeOf(place.workspace)).filter(([, entry]) => entry.includes(encodedCanary));
      expect(brought).toEqual([]);
    },
    120_000,
  );

  // Verbs that follow a link in the last place as well: here the file itself changes places.
  it.each(["read", "overwrite"])(
    "%s, by a walk, never follows a file's own name outside",
    async (name) => {
      makeBoth(place, []);
      symlinkSync("../../outside/target/file", place.at("target/other"));
      const before = treeOf(place.outside);
      const helper = await place.open({ source: withoutOpenat2 });
      const names = [place.at("target/file"), place.at("target/other")] as const;
      const { succeeded, leaks, unexpected } = await race(helper, names, verbOf(name).run);
      expect(treeOf(place.outside)).toEqual(before);
      expect({ leaks, unexpected }).toEqual({ leaks: 0, unexpected: [] });
      expect(succeeded).toBeGreaterThanOrEqual(rounds * 0.05);
    },
    120_000,
  );

  it("a helper that checked first and opened then would be caught", async () => {
    makeBoth(place, []);
    symlinkSync("../outside/target", place.at("other"));
    const helper = await place.open({
      source: (source) =>
        source.replace(
          "$flags |= O_DIRECTORY if $directory;",
          "real_path_is_inside($path); my $naive = open_at($root->{fd}, join('/', @$components), $flags); return ($naive, '') if $naive >= 0;",
        ) +
        "sub real_path_is_inside { my $found = open_at($SESSION{root}{fd}, $_[0], OPEN_PATH); my $real = readlink qq(/proc/self/fd/$found);" +
        "POSIX::close($found) if $found >= 0; fail_with('path_escape', 'outside') if index($real, $SESSION{root}{path} . '/') != 0 }",
    });
    let leaks = 0;
    for (let attempt = 0; leaks === 0 && attempt < 20; attempt++) {
      ({ leaks } = await race(helper, [place.at("target"), place.at("other")], verbOf("read").run));
    }
    expect(leaks).toBeGreaterThan(0);
  }, 120_000);

  // The kit exchanges what is above the tree that goes; here it is what is in it.
  it("a removal neither enters nor empties what a directory in it was exchanged for", async () => {
    for (const directory of [place.at("kept/target"), path.join(place.outside, "target")]) {
      mkdirSync(path.join(directory, "a/b/c"), { recursive: true });
    }
    writeFileSync(path.join(place.outside, "target/a/b/c/file"), canary);
    symlinkSync("../../../outside/target", place.at("kept/other"));
    const before = treeOf(place.outside);
    const helper = await place.open();
    let removed = 0;
    for (let round = 0; round < 100; round++) {
      cpSync(place.at("kept"), place.at("again/inner"), { recursive: true, verbatimSymlinks: true });
      const swapper = await swap(place.at("again/inner/target"), place.at("again/inner/other"));
      await helper.request("file.remove", { path: "again", recursive: true }).then(
        () => removed++,
        () => undefined,
      );
      await swapper[Symbol.asyncDispose]();
      await helper.request("file.remove", { path: "again", recursive: true }).catch(() => undefined);
    }
    expect(removed).toBeGreaterThan(5);
    expect(treeOf(place.outside)).toEqual(before);
  }, 120_000);
});
