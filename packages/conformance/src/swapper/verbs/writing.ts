import { streamOf } from "../../support/collect.js";
import { writeTar } from "../../support/tar-writer.js";
import type { RaceVerb } from "../race-verb.js";

/** Verbs that write what is in files, or make files and directories. */
export const writingVerbs: readonly RaceVerb[] = [
  {
    id: "write-new",
    title: "making of a file",
    goesFor: "directory",
    run: ({ session, gate, index, text }) => session.files.write(gate(`new-${index}`), text, { ifVersion: null }),
  },
  {
    id: "write-parents",
    title: "making of a file and its directories",
    goesFor: "directory",
    run: ({ session, gate, index, text }) =>
      session.files.write(gate(`deep-${index}/er/new-${index}`), text, { createParents: true }),
  },
  {
    id: "overwrite",
    title: "overwriting",
    goesFor: "file",
    run: ({ session, file, text }) => session.files.write(file, text),
  },
  {
    id: "write-stream",
    title: "overwriting from a stream",
    goesFor: "file",
    run: ({ session, file, text }) => session.files.write(file, streamOf(new TextEncoder().encode(text))),
  },
  {
    id: "append",
    title: "appending",
    goesFor: "file",
    run: async ({ session, file, text }) => {
      const { contents, version } = await session.files.read(file);
      // Bounded, or a long race would only copy what it wrote itself.
      const kept = contents.length > 2_000 ? contents.subarray(0, 10) : contents;
      await session.files.write(file, Buffer.concat([kept, Buffer.from(text)]), { ifVersion: version });
      return contents;
    },
  },
  {
    id: "edit",
    title: "editing",
    goesFor: "file",
    run: async ({ session, file, text }) => {
      const { contents, version } = await session.files.read(file);
      await session.files.write(file, text, { ifVersion: version });
      return contents;
    },
  },
  {
    id: "make-directory",
    title: "making of a directory",
    goesFor: "directory",
    run: ({ session, gate, index }) => session.files.makeDirectory(gate(`made-${index}/deeper`)),
  },
  {
    id: "extract",
    title: "unpacking",
    goesFor: "directory",
    needs: ({ files }) => (files.archive === "tar" ? undefined : `files.archive is ${files.archive}`),
    run: async ({ session, gate, index, text }) => {
      const archive = writeTar([
        { name: `unpacked-${index}`, contents: text },
        { name: "tree/inner", type: "5" },
        { name: `tree/inner/unpacked-${index}`, contents: text },
        { name: `tree/linked-${index}`, type: "2", linkName: "leaf" },
      ]);
      return await session.files.extract(gate(), streamOf(archive), { maxEntries: 10, maxTotalBytes: 10_000 });
    },
  },
];
