import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Answer, FileClient } from "../../support/file-client.js";
import { FileWorkspace, treeOf } from "../../support/file-workspace.js";
import { swap } from "../../support/swapper.js";

const rounds = Number(process.env["MOORING_TEST_RACES"] ?? 2_000);
const inFlight = 8;

// A directory of the workspace and a link to one outside change places in a tight loop, while each verb goes through the
// name. What is outside has the very same entries, so that every escape would succeed, and would show.
const verbs: Record<
  string,
  { readonly prepare?: readonly string[]; readonly run: (helper: FileClient, round: number) => Promise<Answer> }
> = {
  read: { run: (helper) => helper.request("file.read", { path: "target/file", offset: 0, maxBytes: 100 }) },
  readStream: { run: (helper) => helper.request("file.readStream", { path: "target/file", offset: 0, credit: 1000 }) },
  stat: { run: (helper) => helper.request("file.stat", { path: "target/file", follow: true }) },
  list: { run: (helper) => helper.request("file.list", { path: "target", depth: 1 }) },
  grep: { run: (helper) => helper.request("file.grep", { path: "target", pattern: "^", maxLineBytes: 100 }) },
  archive: { run: (helper) => helper.request("file.archive", { path: "target/tree" }) },
  "write new": { run: (helper, round) => helper.request("file.write", { path: `target/new-${round}`, contents: "x" }) },
  overwrite: { run: (helper) => helper.request("file.write", { path: "target/file", contents: "inside" }) },
  makeDirectory: { run: (helper, round) => helper.request("file.makeDirectory", { path: `target/made-${round}/a` }) },
  "rename inside": {
    prepare: ["rename"],
    run: (helper, round) =>
      helper.request("file.rename", { from: `target/rename-${round}`, to: `target/renamed-${round}` }),
  },
  "rename away": {
    prepare: ["away"],
    run: (helper, round) => helper.request("file.rename", { from: `target/away-${round}`, to: `away-${round}` }),
  },
  "copy from": { run: (helper, round) => helper.request("file.copy", { from: "target/file", to: `copy-${round}` }) },
  "copy to": { run: (helper, round) => helper.request("file.copy", { from: "source", to: `target/copy-${round}` }) },
  "copy a tree": {
    run: (helper, round) => helper.request("file.copy", { from: "target/tree", to: `target/tree-${round}` }),
  },
  remove: {
    prepare: ["remove"],
    run: (helper, round) => helper.request("file.remove", { path: `target/remove-${round}` }),
  },
  "remove a tree": {
    prepare: ["removed-tree"],
    run: (helper, round) => helper.request("file.remove", { path: `target/removed-tree-${round}`, recursive: true }),
  },
};

function verbOf(name: string) {
  const verb = verbs[name];
  if (verb === undefined) throw new Error(`There is no verb ${name}`);
  return verb;
}

// Resolution is what differs where there is no openat2: these go through all of it.
const walked = ["read", "list", "overwrite", "makeDirectory", "rename inside", "remove a tree"];
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

  it.each([
    ...Object.keys(verbs).map((name) => [name, "with openat2", (source: string) => source] as const),
    ...walked.map((name) => [name, "by a walk", withoutOpenat2] as const),
  ])(
    "%s, %s, never leaves the workspace",
    async (name, _kernel, source) => {
      const { prepare = [], run } = verbOf(name);
      makeBoth(place, prepare);
      symlinkSync("../outside/target", place.at("other"));
      const before = treeOf(place.outside);
      const { succeeded, leaks, unexpected } = await race(
        await place.open({ source }),
        [place.at("target"), place.at("other")],
        run,
      );
      expect(treeOf(place.outside)).toEqual(before);
      expect({ leaks, unexpected }).toEqual({ leaks: 0, unexpected: [] });
      expect(succeeded).toBeGreaterThanOrEqual(rounds * 0.05);
      // What was copied or moved out of it came from inside.
      const entries = Object.entries(treeOf(place.workspace)).filter(([entry]) => /^(?:copy|away)-/.test(entry));
      expect(entries.filter(([, entry]) => entry.includes(encodedCanary))).toEqual([]);
    },
    120_000,
  );

  // Verbs that follow a link in the last place as well: here the file itself changes places.
  it.each(["read", "readStream", "stat", "overwrite", "copy from"])(
    "%s never follows a file's own name outside",
    async (name) => {
      makeBoth(place, []);
      symlinkSync("../../outside/target/file", place.at("target/other"));
      const before = treeOf(place.outside);
      const helper = await place.open();
      const names = [place.at("target/file"), place.at("target/other")] as const;
      const { succeeded, leaks, unexpected } = await race(helper, names, verbOf(name).run);
      expect(treeOf(place.outside)).toEqual(before);
      expect({ leaks, unexpected }).toEqual({ leaks: 0, unexpected: [] });
      expect(succeeded).toBeGreaterThanOrEqual(rounds * 0.05);
      const entries = Object.entries(treeOf(place.workspace)).filter(([entry]) => entry.startsWith("copy-"));
      expect(entries.filter(([, entry]) => entry.includes(encodedCanary))).toEqual([]);
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

  it("a walk through the name neither shows nor removes what is outside", async () => {
    for (const directory of [place.at("walked/target"), path.join(place.outside, "target")]) {
      mkdirSync(path.join(directory, "a/b/c"), { recursive: true });
    }
    writeFileSync(path.join(place.outside, "target/a/b/c/outside-canary"), "outside-canary");
    symlinkSync("../../outside/target", place.at("walked/other"));
    const before = treeOf(place.outside);
    const helper = await place.open();
    const outputs: Buffer[] = [];
    let removed = 0;
    {
      const swapper = await swap(place.at("walked/target"), place.at("walked/other"));
      for (let round = 0; round < 300; round++) {
        outputs.push((await helper.request("file.list", { path: "walked", depth: 9 })).data);
        outputs.push((await helper.request("file.grep", { path: ".", pattern: "canary", maxLineBytes: 100 })).data);
        outputs.push((await helper.request("file.archive", { path: "walked" })).data);
      }
      await swapper[Symbol.asyncDispose]();
    }
    expect(outputs.filter((output) => output.includes("outside-canary"))).toEqual([]);
    for (let round = 0; round < 200; round++) {
      cpSync(place.at("walked"), place.at("again/inner"), { recursive: true, verbatimSymlinks: true });
      const swapper = await swap(place.at("again/inner/target"), place.at("again/inner/other"));
      await helper.request("file.remove", { path: "again", recursive: true }).then(
        () => removed++,
        () => undefined,
      );
      await swapper[Symbol.asyncDispose]();
      await helper.request("file.remove", { path: "again", recursive: true }).catch(() => undefined);
    }
    expect(removed).toBeGreaterThan(10);
    expect(treeOf(place.outside)).toEqual(before);
  }, 120_000);

  it("an archive unpacks beneath its directory only", async () => {
    const helper = await place.open();
    mkdirSync(place.at("packed/target"), { recursive: true });
    for (let file = 0; file < 50; file++) writeFileSync(place.at(`packed/target/file-${file}`), "inside");
    const { data } = await helper.request("file.archive", { path: "packed" });
    mkdirSync(place.at("into/target"), { recursive: true });
    mkdirSync(path.join(place.outside, "target"));
    symlinkSync("../../outside/target", place.at("into/other"));
    const before = treeOf(place.outside);
    let succeeded = 0;
    const swapper = await swap(place.at("into/target"), place.at("into/other"));
    for (let round = 0; round < 200; round++) {
      const extracting = helper.start("file.extract", { path: "into", maxEntries: 100, maxTotalBytes: 1_000_000 });
      await extracting.send(data).catch(() => undefined);
      extracting.end();
      await extracting.done.then(
        () => succeeded++,
        () => undefined,
      );
    }
    await swapper[Symbol.asyncDispose]();
    expect(treeOf(place.outside)).toEqual(before);
    expect(succeeded).toBeLessThan(200);
  }, 120_000);
});
