import { collectBytes, collectItems } from "../../support/collect.js";
import type { RaceVerb } from "../race-verb.js";

/** Verbs that go through directories: by turns from the gate itself, and from the directory in which it is exchanged. */
export const walkingVerbs: readonly RaceVerb[] = [
  {
    id: "list",
    title: "listing",
    goesFor: "file",
    run: ({ session, index, gate, around }) =>
      collectItems(session.files.list(index % 2 === 0 ? gate() : around, { depth: 9 })),
  },
  {
    id: "glob",
    title: "globbing",
    goesFor: "file",
    run: ({ session, index, gate, around }) =>
      collectItems(session.files.glob("**", { cwd: index % 2 === 0 ? gate() : around })),
  },
  {
    id: "grep",
    title: "searching",
    goesFor: "file",
    run: ({ session, index, gate, around }) =>
      collectItems(session.files.grep("[a-z]", { path: index % 2 === 0 ? gate() : around })),
  },
  {
    id: "archive",
    title: "archiving",
    goesFor: "file",
    needs: ({ files }) => (files.archive === "tar" ? undefined : `files.archive is ${files.archive}`),
    run: async ({ session, index, gate, around }) =>
      await collectBytes(await session.files.archive(index % 2 === 0 ? gate() : around)),
  },
];
