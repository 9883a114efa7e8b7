import type { SpecificationChapter } from "../chapter.js";

export const filesChapter: SpecificationChapter = {
  title: "Files",
  promises: [
    {
      id: "P39",
      text: "What is read is what was written, byte for byte, whole or in the very part that was asked for.",
      capability: "files.access",
      checks: ["files.bytes-roundtrip", "files.text-is-utf8", "files.read-ranges", "files.read-stream"],
    },
    {
      id: "P40",
      text: "A write is whole or not there: who reads meanwhile sees the old contents or the new.",
      checks: [
        "files.write-stream",
        "files.write-is-atomic",
        "files.write-keeps-mode",
        "files.write-parents",
        "files.write-over-directory",
        "files.write-at-once",
        "files.aborted-write",
      ],
    },
    {
      id: "P41",
      text: "A version tells contents apart, and lets only its holder write.",
      checks: ["files.write-by-version", "files.version-tells-changes"],
    },
    {
      id: "P42",
      text: "Any name works in every verb, also one that is no UTF-8; one that cannot be is refused.",
      checks: ["files.odd-names", "files.wrong-paths"],
    },
    {
      id: "P43",
      text: "What is no file is told so and hangs nothing, and the rights are those of the runner's own user.",
      checks: ["files.what-is-no-file", "files.permission-is-the-runners"],
    },
    {
      id: "P44",
      text: "Making, moving, copying and removing do what they say to the tree, to nothing that a link points to, and refuse what is in the way.",
      checks: ["files.make-directory", "files.remove*", "files.rename", "files.copy*"],
    },
    {
      id: "P45",
      text: "Looking at files tells what the runner's own tools tell: status, listings, patterns and searches, whole and at any size.",
      checks: ["files.stat", "files.list-*", "files.glob-table", "files.grep-*", "files.aborted-listing", "files.many"],
    },
    {
      id: "P46",
      text: "A watch that is armed misses nothing, or says that it did.",
      capability: "files.watch",
      checks: ["files.watch-*"],
    },
    {
      id: "P47",
      text: "A tree that is archived and extracted is the same tree; limits hold, and what is dangerous or broken does not pass.",
      capability: "files.archive",
      checks: ["files.archive-*", "files.extract-*"],
    },
  ],
};

export const confinementChapter: SpecificationChapter = {
  title: "Confinement",
  promises: [
    {
      id: "P48",
      text: "No path leads a file operation or a command's directory out of the roots, whether by `..`, prefix, link or archive: it is a `path_escape`.",
      checks: [
        "confinement.read",
        "confinement.read-stream",
        "confinement.stat",
        "confinement.write",
        "confinement.write-new",
        "confinement.list",
        "confinement.glob",
        "confinement.grep",
        "confinement.make-directory",
        "confinement.remove",
        "confinement.remove-recursive",
        "confinement.rename-*",
        "confinement.copy-*",
        "confinement.watch",
        "confinement.archive",
        "confinement.extract",
        "confinement.extract-stays",
        "confinement.cwd",
        "confinement.root-itself",
      ],
    },
    {
      id: "P49",
      text: "Read roots widen reading and write roots writing, by absolute paths, and neither anything else; links that stay inside are followed.",
      checks: ["confinement.read-roots-only-read", "confinement.write-roots", "confinement.links-inside-are-followed"],
    },
    {
      id: "P50",
      text: "Nobody who changes paths while they are used gets an operation to leave the roots, however fast.",
      capability: "files.confinement",
      checks: ["confinement.race-*"],
    },
    {
      id: "P51",
      text: "The kernel keeps commands from writing outside the write roots where that is claimed, and where it is not, nothing pretends to.",
      capability: "commands.confinement",
      checks: ["confinement.commands-*", "confinement.restricted-workspace", "confinement.none-is-none"],
    },
    {
      id: "P52",
      text: "Everyday programs work under the session's confinement.",
      checks: ["confinement.*-works"],
    },
    {
      id: "P53",
      text: "A restricted view allows what it says, never more than its session, and not for longer.",
      checks: ["restricted.*"],
    },
  ],
};
