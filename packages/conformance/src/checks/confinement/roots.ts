import { type Check, needsAll, needsCommands, needsFiles, needsMode } from "../../check.js";
import { collectItems, decode, streamOf } from "../../support/collect.js";
import { writeTar } from "../../support/tar-writer.js";
import { surroundings } from "./outside.js";

export const rootChecks: readonly Check[] = [
  {
    id: "confinement.read-roots-only-read",
    title: "A read root is read by absolute paths, and never written, also through a link into it",
    needs: needsFiles,
    async run(context) {
      const { session, base, secret, look } = await surroundings(context, (directory) => ({
        readRoots: [`${directory}/outside`],
      }));
      const { files } = session;
      const before = await look();
      context.bytes("a read beneath it", (await files.read(`${base}/outside/secret`)).contents, secret);
      context.equal("a list of it", (await collectItems(files.list(`${base}/outside`))).length, 2);
      for (const [asked, call] of [
        ["write", () => files.write(`${base}/outside/secret`, "x")],
        ["a new file", () => files.write(`${base}/outside/new`, "x")],
        ["makeDirectory", () => files.makeDirectory(`${base}/outside/made`)],
        ["remove", () => files.remove(`${base}/outside/secret`)],
        ["rename away", () => files.rename(`${base}/outside/secret`, "stolen")],
        ["copy over", () => files.copy("inside", `${base}/outside/secret`)],
        ["a read of another neighbour", () => files.read(`${base}/workspace-evil/secret`)],
      ] as const) {
        await context.rejects(asked, call, "path_escape", "permission_denied");
      }
      context.equal("what lies there", (await look()) === before ? "untouched" : "changed", "untouched");
    },
  },
  {
    id: "confinement.write-roots",
    title: "A write root is read and written by absolute paths, and no neighbour of it",
    needs: needsFiles,
    async run(context) {
      const { session, base } = await surroundings(context, (directory) => ({ writeRoots: [`${directory}/outside`] }));
      await session.files.write(`${base}/outside/new`, "made");
      context.equal("what was written", decode((await session.files.read(`${base}/outside/new`)).contents), "made");
      await context.rejects("a neighbour", () => session.files.write(`${base}/workspace-evil/new`, "x"), "path_escape");
    },
  },
  {
    id: "confinement.links-inside-are-followed",
    title:
      "A relative link that stays in the workspace is followed, in the middle and at the end, for reading and writing",
    needs: needsAll(needsFiles, needsCommands),
    tools: ["sh", "ln"],
    async run(context) {
      const { session, base } = await surroundings(context);
      await context.shText(
        "mkdir workspace/real; echo old > workspace/real/file; ln -s real workspace/alias; ln -s real/file workspace/direct; ln -s ../inside workspace/real/up",
        { cwd: base },
      );
      context.equal("in the middle", decode((await session.files.read("alias/file")).contents), "old\n");
      context.equal("upwards", decode((await session.files.read("alias/up")).contents), "inside");
      await session.files.write("alias/file", "new");
      context.equal("written through it", decode((await session.files.read("direct")).contents), "new");
    },
  },
  {
    id: "confinement.extract-stays",
    title: "No archive entry leaves the directory: `..`, absolute names, and links that lead out are refused",
    needs: needsAll(needsFiles, needsMode("files", "archive", "tar")),
    async run(context) {
      const { session, base, look } = await surroundings(context);
      const before = await look();
      const limits = { maxEntries: 10, maxTotalBytes: 10_000 };
      const cases = {
        "`..`": [{ name: "../outside/new", contents: "x" }],
        "`..` in the middle": [{ name: "a/../../outside/new", contents: "x" }],
        "an absolute name": [{ name: `${base}/outside/new`.slice(0, 100), contents: "x" }],
        "a link out, and a file through it": [
          { name: "link", type: "2", linkName: "../../outside" },
          { name: "link/new", contents: "x" },
        ],
        "an absolute link, and a file through it": [
          { name: "link", type: "2", linkName: `${base}/outside`.slice(0, 100) },
          { name: "link/new", contents: "x" },
        ],
        "a hard link to what is outside": [
          { name: "hard", type: "1", linkName: "../../outside/secret" },
          { name: "hard", contents: "x" },
        ],
        "a link over a link": [
          { name: "a", type: "2", linkName: "." },
          { name: "a/b", type: "2", linkName: "../../outside" },
          { name: "b/new", contents: "x" },
        ],
      };
      for (const [asked, entries] of Object.entries(cases)) {
        const name = `to-${context.unique("x")}`;
        await session.files.makeDirectory(name);
        await context.rejects(
          asked,
          () => session.files.extract(name, streamOf(writeTar(entries)), limits),
          "path_escape",
        );
        context.equal(
          `what lies outside after ${asked}`,
          (await look()) === before ? "untouched" : "changed",
          "untouched",
        );
      }
    },
  },
  {
    id: "confinement.root-itself",
    title: "The workspace itself cannot be removed or moved",
    needs: needsFiles,
    async run(context) {
      const { session, workspace } = await surroundings(context);
      for (const path of [".", workspace, `${workspace}/`, "./"]) {
        const outcome = await context.outcome(`removing ${path}`, () =>
          session.files.remove(path, { recursive: true }),
        );
        context.that("it to reject", "error" in outcome, outcome);
        const moved = await context.outcome(`moving ${path}`, () => session.files.rename(path, "elsewhere"));
        context.that("that to reject", "error" in moved, moved);
      }
      context.equal("what is in it", decode((await session.files.read("inside")).contents), "inside");
    },
  },
];
