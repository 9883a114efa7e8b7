import { type Check, needsAll, needsCommands, needsFiles } from "../../check.js";
import { collectBytes, collectItems } from "../../support/collect.js";
import { answersWithin, settlesTyped } from "./support.js";

const depth = 1_000;

/** Shapes of directories that a walk could get lost in. */
export const treeChecks: readonly Check[] = [
  {
    id: "hostile.link-loops",
    title: "Links in a circle are refused by what follows them, and a walk over them ends",
    needs: needsAll(needsFiles, needsCommands),
    tools: ["sh", "ln"],
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      await context.shText(`mkdir loops; cd loops
ln -s self self; ln -s two one; ln -s one two; ln -s . here; ln -s .. up; mkdir in; ln -s ../in in/in
last=end; for step in $(seq 60); do ln -s "$last" "step$step"; last=step$step; done; echo needle > end`);
      const top = `${directory}/loops`;
      const deep = `${top}/${"in/".repeat(100)}x`;
      for (const path of [`${top}/self`, `${top}/one`, deep, `${top}/step60`]) {
        const asked = path.slice(directory.length, directory.length + 40);
        const outcome = await context.outcome(`reading ${asked}`, () => files.read(path));
        context.that(`reading ${asked} to be refused`, "error" in outcome || path.endsWith("step60"), outcome);
        await settlesTyped(context, `looking at ${asked}`, () => files.stat(path));
      }
      context.that("entries in a listing", (await collectItems(files.list(top, { depth: 50 }))).length < 100, "more");
      context.that("entries in a glob", (await collectItems(files.glob("**", { cwd: top }))).length < 100, "more");
      const matches = await collectItems(files.grep("needle", { path: top }));
      context.equal(
        "files that a search finds",
        matches.map(({ path }) => path),
        [`${top}/end`],
      );
      await settlesTyped(context, "copying them", () => files.copy(top, `${directory}/copied`));
      await files.remove(top, { recursive: true });
      await context.rejects("the loops, removed", () => files.stat(top), "not_found");
    },
  },
  {
    id: "hostile.deep-tree",
    title: `A tree of ${depth} directories, one in the other, is walked or refused by every verb, and can be removed`,
    needs: needsAll(needsFiles, needsCommands),
    tools: ["sh"],
    deadlineMs: 90_000,
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      const top = `${directory}/deep`;
      // Made in pieces of which each fits a path.
      const piece = "d/".repeat(500);
      const made = await context.sh(`mkdir deep && cd deep || exit 1
for part in 1 2; do mkdir -p ${piece} && cd -P ${piece} || exit 2; done; echo needle > bottom`);
      context.afterwards(() => context.sh("rm -rf deep"));
      context.note("making it", made.exit);
      await answersWithin(context, 3_000, 1, () => files.stat(top));
      const calls = {
        list: () => collectItems(files.list(top, { depth: depth + 10 })),
        glob: () => collectItems(files.glob("**", { cwd: top })),
        grep: () => collectItems(files.grep("needle", { path: top })),
        // By paths and not by descriptors it takes the square of the depth: then it ends by its signal.
        copy: () => files.copy(top, `${directory}/copied`, { signal: AbortSignal.timeout(8_000 * context.slowness) }),
        ...(context.capabilities.files.archive === "tar"
          ? { archive: async () => (await collectBytes(await files.archive(top))).length }
          : {}),
      };
      for (const [asked, call] of Object.entries(calls)) {
        const outcome = await context.outcome<unknown>(asked, call, 25_000);
        if ("error" in outcome) await settlesTyped(context, asked, () => Promise.reject(outcome.error));
      }
      for (const path of [`${directory}/copied`, top]) {
        await context.outcome("removing it", () => files.remove(path, { recursive: true }), 25_000);
      }
      await context.rejects("the tree, removed", () => files.stat(top), "not_found");
    },
  },
  {
    id: "hostile.crowded-directory",
    title: "A directory of 20,000 entries is listed whole, or let go in the middle, while other calls are answered",
    needs: needsAll(needsFiles, needsCommands),
    tools: ["sh"],
    deadlineMs: 60_000,
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      const made = await context.sh(
        `mkdir crowd && cd crowd && seq 20000 | sed 's/^/entry-/' | xargs touch && ls | wc -l`,
        { timeoutMs: 30_000 * context.slowness },
      );
      if (made.stdout.text().trim() !== "20000") return context.skip(`no crowd could be made: ${made.stderr.text()}`);
      const top = `${directory}/crowd`;
      const abort = new AbortController();
      let seen = 0;
      const outcome = await context.outcome("a listing that is aborted", async () => {
        for await (const _entry of files.list(top, { signal: abort.signal })) {
          seen += 1;
          if (seen === 10) abort.abort(new Error("enough"));
        }
      });
      context.that("it to reject", "error" in outcome, `${seen} entries and no refusal`);
      context.that("it to stop early", seen < 20_000, seen);
      for await (const _entry of files.list(top)) break;
      const whole = collectItems(files.list(top));
      await answersWithin(context, 3_000, 3, () => files.stat(top));
      context.equal("entries of a whole listing", (await context.settles("it", whole, 30_000)).length, 20_000);
      await context.settles("removing it", files.remove(top, { recursive: true }), 30_000);
    },
  },
];
