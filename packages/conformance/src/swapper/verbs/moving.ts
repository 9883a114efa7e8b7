import type { RaceVerb } from "../race-verb.js";

/** Verbs that move, copy or remove what is there. */
export const movingVerbs: readonly RaceVerb[] = [
  {
    id: "rename-from",
    title: "moving away",
    goesFor: "directory",
    stock: { at: "gate", kind: "files" },
    run: ({ session, gate, aside, index }) => session.files.rename(gate(`entry-${index}`), aside(`moved-${index}`)),
  },
  {
    id: "rename-to",
    title: "moving to it",
    goesFor: "directory",
    stock: { at: "aside", kind: "files" },
    run: ({ session, gate, aside, index }) => session.files.rename(aside(`entry-${index}`), gate(`placed-${index}`)),
  },
  {
    id: "copy-from",
    title: "copying away",
    goesFor: "file",
    run: ({ session, file, gate, around, aside, index }) =>
      session.files.copy([file, gate("tree"), around][index % 3] as string, aside(`copied-${index}`)),
  },
  {
    id: "copy-to",
    title: "copying to it",
    goesFor: "directory",
    run: ({ session, gate, aside, index }) =>
      session.files.copy(aside(index % 2 === 0 ? "file" : "tree"), gate(`placed-${index}`)),
  },
  {
    id: "remove",
    title: "removing of a file",
    goesFor: "directory",
    stock: { at: "gate", kind: "files" },
    run: ({ session, gate, index }) => session.files.remove(gate(`entry-${index}`)),
  },
  {
    id: "remove-recursive",
    title: "removing of a tree",
    goesFor: "directory",
    stock: { at: "gate", kind: "trees" },
    run: ({ session, gate, index }) => session.files.remove(gate(`entry-${index}`), { recursive: true }),
  },
];
