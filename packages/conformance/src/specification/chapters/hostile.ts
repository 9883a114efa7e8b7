import type { SpecificationChapter } from "../chapter.js";

export const hostileChapter: SpecificationChapter = {
  title: "A hostile far side",
  promises: [
    {
      id: "P72",
      text: "Whatever a command does to the processes above and beside it, no exit is invented, every call settles, and nothing of it is left. A session that is harmed by it ends as lost; the next one works.",
      checks: ["hostile.parent-*", "hostile.descriptors-of-the-parent", "hostile.killed-by-a-neighbour"],
    },
    {
      id: "P73",
      text: "Output is data, whatever it looks like, and however it is written it holds up nobody else.",
      checks: [
        "hostile.escapes-are-data",
        "hostile.output-like-frames",
        "hostile.tiny-writes",
        "hostile.flood-after-the-end",
        "hostile.many-processes",
      ],
    },
    {
      id: "P74",
      text: "Names, ids, labels and variables are data: none is run, none reaches a path or a shell as anything else, and no message carries control characters.",
      checks: [
        "hostile.messages-are-printable",
        "hostile.listed-names-exact",
        "hostile.ids-are-no-scripts",
        "hostile.thousand-variables",
      ],
    },
    {
      id: "P75",
      text: "Nothing that lies at a path hangs a file verb or makes it give more than was asked for: it works, or is refused with a code.",
      checks: [
        "hostile.fifo-holds-nothing-up",
        "hostile.sockets-and-devices",
        "hostile.extract-over-special-files",
        "hostile.sparse-terabyte",
        "hostile.file-changes-while-read",
        "hostile.link-loops",
        "hostile.deep-tree",
        "hostile.crowded-directory",
      ],
    },
    {
      id: "P76",
      text: "A workspace that is moved, replaced or removed under a session leads nobody out of it, and neither does a hard link in it.",
      checks: ["hostile.workspace-*", "hostile.planted-hard-link", "hostile.temporary-directory-removed"],
    },
    {
      id: "P77",
      text: "No program, variable or start-up file of the agent's gets into what serves it, and what a session keeps about itself is out of its reach.",
      checks: [
        "hostile.fake-programs",
        "hostile.startup-variables",
        "hostile.preloaded-library",
        "hostile.noisy-home",
        "hostile.records-out-of-reach",
      ],
    },
    {
      id: "P78",
      text: "A stored state that lies opens nothing of another session's.",
      checks: ["hostile.state-*"],
    },
    {
      id: "P79",
      text: "An archive that lies is unpacked inside or refused, within its limits and its caller's patience; one that is made tells what it cannot carry.",
      capability: "files.archive",
      checks: ["hostile.archive*"],
    },
  ],
};
