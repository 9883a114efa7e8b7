import type { RunnerFileInfo, RunnerListing } from "@mooring/api";
import { type Check, needsAll, needsCommands, needsFiles } from "../../check.js";
import type { CheckContext } from "../../check-context.js";
import { collectItems } from "../../support/collect.js";

const treeFiles = [
  "a.ts",
  "b.js",
  "src/one.ts",
  "src/two.tsx",
  "src/deep/three.ts",
  "src/deep/.hidden.ts",
  ".config/x.ts",
  "node_modules/m/index.ts",
  "build/out.js",
  "Read Me.md",
];

/** A small tree with hidden files and a directory that is usually passed over. */
async function makeTree(context: CheckContext): Promise<string> {
  const directory = await context.directory();
  for (const path of treeFiles) {
    await context.session.files.write(`${directory}/${path}`, `// ${path}\nexport const needle = 1;\n`, {
      createParents: true,
    });
  }
  return directory;
}

/** The listed paths, relative to the directory. */
async function below(directory: string, listing: RunnerListing<RunnerFileInfo>): Promise<string[]> {
  return (await collectItems(listing)).map(({ path }) => path.slice(directory.length + 1));
}

/** Patterns, and what they match in the tree. */
const globTable: readonly (readonly [string, readonly string[]])[] = [
  ["*.ts", ["a.ts"]],
  ["**/*.ts", ["a.ts", "node_modules/m/index.ts", "src/deep/three.ts", "src/one.ts"]],
  ["src/*", ["src/deep", "src/one.ts", "src/two.tsx"]],
  ["src/**", ["src/deep", "src/deep/three.ts", "src/one.ts", "src/two.tsx"]],
  ["src/**/*.ts", ["src/deep/three.ts", "src/one.ts"]],
  ["**/*.{ts,tsx}", ["a.ts", "node_modules/m/index.ts", "src/deep/three.ts", "src/one.ts", "src/two.tsx"]],
  ["?.[jt]s", ["a.ts", "b.js"]],
  ["[!a].*", ["b.js"]],
  [".config/*.ts", [".config/x.ts"]],
  ["**/.hidden.ts", ["src/deep/.hidden.ts"]],
  ["Read Me.md", ["Read Me.md"]],
  ["nothing-*", []],
];

export const walkingChecks: readonly Check[] = [
  {
    id: "files.list-depth",
    title: "`list` gives a directory's entries, to the depth asked for, sorted within each directory",
    needs: needsFiles,
    async run(context) {
      const directory = await makeTree(context);
      const { files } = context.session;
      const top = [".config", "Read Me.md", "a.ts", "b.js", "build", "node_modules", "src"];
      context.equal("depth 1", (await below(directory, files.list(directory))).sort(), top);
      const two = await below(directory, files.list(directory, { depth: 2 }));
      const expected = [
        ...top,
        ".config/x.ts",
        "build/out.js",
        "node_modules/m",
        "src/deep",
        "src/one.ts",
        "src/two.tsx",
      ];
      context.equal("depth 2", two.toSorted(), expected.sort());
      const inSource = two.filter((path) => path.startsWith("src/"));
      context.equal("the order within a directory", inSource, inSource.toSorted());
      const all = await below(directory, files.list(directory, { depth: 100 }));
      context.equal("all the files", all.filter((path) => treeFiles.includes(path)).sort(), treeFiles.toSorted());
      await context.rejects("a missing directory", () => collectItems(files.list(`${directory}/missing`)), "not_found");
      await context.rejects("a file", () => collectItems(files.list(`${directory}/a.ts`)), "invalid_request");
    },
  },
  {
    id: "files.list-exclude-and-limit",
    title: "`exclude` passes over names and paths without entering them; `limit` stops and says so",
    needs: needsFiles,
    async run(context) {
      const directory = await makeTree(context);
      const { files } = context.session;
      const excluded = await below(
        directory,
        files.list(directory, { depth: 9, exclude: ["node_modules", "src/deep", "build/**", "*.md"] }),
      );
      context.equal("what is left", excluded.toSorted(), [
        ".config",
        ".config/x.ts",
        "a.ts",
        "b.js",
        "build",
        "src",
        "src/one.ts",
        "src/two.tsx",
      ]);
      for (const [limit, truncated] of [
        [3, true],
        [7, false],
        [8, false],
      ] as const) {
        const listing = files.list(directory, { limit });
        const items = await collectItems(listing);
        context.equal(`limit ${limit} of 7`, [items.length, listing.truncated], [Math.min(limit, 7), truncated]);
      }
    },
  },
  {
    id: "files.list-does-not-follow-links",
    title: "`list` and `glob` report a link as a link and do not enter it: a loop ends",
    needs: needsAll(needsFiles, needsCommands),
    tools: ["sh", "ln"],
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      await context.shText("mkdir sub; echo x > sub/file; ln -s . loop; ln -s sub alias");
      const listed = await collectItems(files.list(directory, { depth: 20 }));
      const shown = listed.map(({ path, type, symlinkTarget }) => [
        path.slice(directory.length + 1),
        type,
        symlinkTarget ?? "",
      ]);
      context.equal("the list", shown, [
        ["alias", "symlink", "sub"],
        ["loop", "symlink", "."],
        ["sub", "directory", ""],
        ["sub/file", "file", ""],
      ]);
      context.equal("a glob", await below(directory, files.glob("**/file", { cwd: directory })), ["sub/file"]);
    },
  },
  {
    id: "files.glob-table",
    title: "`glob` matches `*`, `?`, `[a-z]`, `{a,b}` and `**`, and hidden names only when asked for",
    needs: needsFiles,
    async run(context) {
      const directory = await makeTree(context);
      const { files } = context.session;
      for (const [pattern, expected] of globTable) {
        const found = await below(directory, files.glob(pattern, { cwd: directory }));
        context.equal(pattern, found.toSorted(), [...expected]);
      }
      const hidden = await below(
        directory,
        files.glob("**/*.ts", { cwd: directory, includeHidden: true, exclude: ["node_modules"] }),
      );
      context.equal("includeHidden without node_modules", hidden.toSorted(), [
        ".config/x.ts",
        "a.ts",
        "src/deep/.hidden.ts",
        "src/deep/three.ts",
        "src/one.ts",
      ]);
      const limited = files.glob("**/*.ts", { cwd: directory, limit: 2 });
      context.equal("limit 2", [(await collectItems(limited)).length, limited.truncated], [2, true]);
    },
  },
  {
    id: "files.grep-lines",
    title: "`grep` finds the lines of a pattern with their numbers; binary and excluded files are passed over",
    needs: needsFiles,
    async run(context) {
      const directory = await makeTree(context);
      const { files } = context.session;
      await files.write(`${directory}/binary.bin`, Uint8Array.of(0, 1, 2, ...new TextEncoder().encode("\nneedle\n")));
      await files.write(`${directory}/cases.txt`, "Needle\nno\nneedle (a.b)\nneedle axb\nlast needle");
      const places = async (pattern: string, options: Parameters<typeof files.grep>[1]) =>
        (await collectItems(files.grep(pattern, { path: directory, ...options })))
          .map(({ path, line, text }) => `${path.slice(directory.length + 1)}:${line}:${text}`)
          .sort();
      const include = { include: "cases.txt" };
      context.equal("a word", await places("needle", include), [
        "cases.txt:3:needle (a.b)",
        "cases.txt:4:needle axb",
        "cases.txt:5:last needle",
      ]);
      context.equal("ignoring case", (await places("^needle", { ...include, ignoreCase: true })).length, 3);
      context.equal("a literal", await places("(a.b)", { ...include, literal: true }), ["cases.txt:3:needle (a.b)"]);
      context.equal("an expression", await places(String.raw`\bneedle\s+a\wb$`, include), ["cases.txt:4:needle axb"]);
      const sources = await places("needle", { include: "**/*.ts", exclude: ["node_modules"] });
      context.equal(
        "sources without node_modules",
        sources.map((line) => line.split(":")[0]),
        ["a.ts", "src/deep/three.ts", "src/one.ts"],
      );
      context.equal("the binary file", await places("needle", { include: "*.bin" }), []);
      await context.rejects(
        "an expression that is none",
        () => collectItems(files.grep("(", { path: directory })),
        "invalid_request",
      );
      const limited = files.grep("needle", { path: directory, limit: 1 });
      context.equal("limit 1", [(await collectItems(limited)).length, limited.truncated], [1, true]);
    },
  },
  {
    id: "files.grep-long-lines",
    title: "A line of a megabyte comes cut to `maxLineBytes`, and says so",
    needs: needsFiles,
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      await files.write(`${directory}/long`, `needle${"x".repeat(1_000_000)}\nneedle\n`);
      const found = await collectItems(files.grep("needle", { path: directory, maxLineBytes: 100 }));
      context.equal(
        "the lines",
        found.map(({ line, text, lineTruncated }) => [line, text.length, lineTruncated]),
        [
          [1, 100, true],
          [2, 6, false],
        ],
      );
    },
  },
  {
    id: "files.aborted-listing",
    title: "A listing, a glob and a search whose signal is aborted reject `cancelled`, before and in the middle",
    needs: needsFiles,
    async run(context) {
      const directory = await makeTree(context);
      const { files } = context.session;
      const aborted = { signal: AbortSignal.abort(new Error("not wanted")) };
      await context.rejects("list", () => collectItems(files.list(directory, aborted)), "cancelled");
      await context.rejects("glob", () => collectItems(files.glob("**", { cwd: directory, ...aborted })), "cancelled");
      await context.rejects("grep", () => collectItems(files.grep("x", { path: directory, ...aborted })), "cancelled");
      const abort = new AbortController();
      const outcome = await context.outcome("an abort after the first item", async () => {
        for await (const info of files.list(directory, { depth: 9, signal: abort.signal })) {
          abort.abort(new Error(`enough after ${info.path}`));
        }
      });
      // What has arrived already may still be given.
      if ("error" in outcome) await context.rejects("its refusal", () => Promise.reject(outcome.error), "cancelled");
      context.equal("a call afterwards", (await files.stat(directory)).type, "directory");
    },
  },
  {
    id: "files.many",
    title: "Two thousand files are listed, globbed and searched whole, and a listing can be left early",
    needs: needsAll(needsFiles, needsCommands),
    tools: ["sh"],
    deadlineMs: 30_000,
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      await context.shText(
        'for d in 0 1 2 3 4 5 6 7 8 9; do mkdir $d; i=0; while [ $i -lt 200 ]; do echo "word $i" > "$d/file$i.txt"; i=$((i + 1)); done; done',
      );
      context.equal("list", (await collectItems(files.list(directory, { depth: 2 }))).length, 2_010);
      context.equal("glob", (await collectItems(files.glob("**/*.txt", { cwd: directory }))).length, 2_000);
      context.equal("grep", (await collectItems(files.grep("^word 1\\d\\d$", { path: directory }))).length, 1_000);
      for await (const info of files.list(directory, { depth: 2 })) {
        if (info.type === "file") break;
      }
      context.equal("a call afterwards", (await files.stat(directory)).type, "directory");
    },
  },
];
