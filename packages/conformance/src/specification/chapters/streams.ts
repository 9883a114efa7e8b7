import type { SpecificationChapter } from "../chapter.js";

export const outputChapter: SpecificationChapter = {
  title: "Output",
  promises: [
    {
      id: "P26",
      text: "Output arrives byte for byte; nothing is added, trimmed, decoded or rewritten.",
      capability: "commands.output",
      checks: [
        "output.binary",
        "output.nothing-added",
        "output.utf8-split-over-writes",
        "output.invalid-utf8-is-replaced-in-text-only",
      ],
    },
    {
      id: "P27",
      text: "Standard error is kept apart, and merged exactly in the order of writing where that is asked for.",
      capability: "commands.stderr",
      checks: ["output.stderr-is-told-apart", "output.merged-in-order"],
    },
    {
      id: "P28",
      text: "Past its limit output keeps its head and tail, and what was dropped is told to the byte. No marker is spliced in.",
      checks: [
        "output.head-and-tail-exact",
        "output.limit-boundary",
        "output.limit-is-per-stream",
        "output.cut-character-left-out",
        "output.gaps-are-told",
      ],
    },
    {
      id: "P29",
      text: "Kept output can be read as often as one likes, by views and by cursors: nothing twice, nothing missing.",
      checks: ["output.views-replay-and-follow", "output.read-pages", "output.read-waits"],
    },
    {
      id: "P30",
      text: "Output costs bounded memory, and what nobody reads never stalls a command.",
      checks: ["output.400-mb-in-bounded-memory", "output.unread-never-stalls"],
    },
    {
      id: "P31",
      text: "Streamed output is whole and belongs to one reader, whose pace reaches the command and no other.",
      checks: ["output.stream-*"],
    },
  ],
};

export const inputChapter: SpecificationChapter = {
  title: "Input and terminals",
  promises: [
    {
      id: "P32",
      text: "Without input a command reads the end of file at once.",
      checks: ["input.none-is-end-of-file", "input.not-asked-for"],
    },
    {
      id: "P33",
      text: "Given contents arrive byte for byte and then end.",
      checks: ["input.contents-exact"],
    },
    {
      id: "P34",
      text: "A piped input is a dialogue with back-pressure; input that nobody reads hangs nothing.",
      capability: "commands.stdin",
      checks: [
        "input.pipe-is-a-dialogue",
        "input.write-after-end",
        "input.unread-input-does-not-hang",
        "input.closed-by-the-command",
        "input.back-pressure",
      ],
    },
    {
      id: "P35",
      text: "A terminal is one: all three streams, its size, its keys, its jobs.",
      capability: "commands.pty",
      checks: ["terminal.*"],
    },
  ],
};

export const environmentChapter: SpecificationChapter = {
  title: "Environment and secrets",
  promises: [
    {
      id: "P36",
      text: "Nothing of the environment of the process that holds the session reaches a command.",
      checks: ["environment.host-secret-invisible"],
    },
    {
      id: "P37",
      text: "Variables arrive as they are, the last of a name counts, and no command sees what another one set.",
      checks: [
        "environment.values-exact",
        "environment.pairs-last-counts",
        "environment.commands-share-nothing",
        "environment.path-is-the-commands",
        "environment.wrong-names",
      ],
    },
    {
      id: "P38",
      text: "A secret is resolved late, reaches the command that asked for it, and shows nowhere else.",
      checks: [
        "environment.secret-reaches-the-command",
        "environment.secret-nowhere-else",
        "environment.secret-not-resolved",
      ],
    },
  ],
};
