import { collectBytes } from "../../support/collect.js";
import type { RaceVerb } from "../race-verb.js";

/** Verbs that look at one file. */
export const readingVerbs: readonly RaceVerb[] = [
  {
    id: "read",
    title: "reading",
    goesFor: "file",
    run: ({ session, file }) => session.files.read(file),
  },
  {
    id: "read-range",
    title: "reading of a part",
    goesFor: "file",
    run: ({ session, file }) => session.files.read(file, { offset: 0, maxBytes: 1_000 }),
  },
  {
    id: "read-stream",
    title: "streaming",
    goesFor: "file",
    run: async ({ session, file }) => await collectBytes(await session.files.readStream(file)),
  },
  {
    id: "stat",
    title: "looking at a file or directory",
    goesFor: "file",
    run: ({ session, file, index, gate }) => session.files.stat(index % 3 === 2 ? gate() : file),
  },
  {
    id: "lstat",
    title: "looking at a name itself",
    goesFor: "file",
    run: ({ session, file }) => session.files.stat(file, { followSymlinks: false }),
  },
  {
    id: "cwd",
    title: "starting of a command",
    goesFor: "directory",
    needs: ({ commands }) => (commands.output === "none" ? "commands.output is none" : undefined),
    // The file is read by the command, from wherever it was started.
    run: async ({ session, gate }) => {
      const { exit, stdout } = await session.commands.run({
        program: "cat",
        args: ["file-0"],
        cwd: gate(),
        graceMs: 0,
      });
      if (exit.kind !== "code" || exit.code !== 0) throw new Error(`the command ended with ${JSON.stringify(exit)}`);
      return stdout.bytes;
    },
  },
];
