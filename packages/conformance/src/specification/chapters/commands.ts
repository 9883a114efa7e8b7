import type { SpecificationChapter } from "../chapter.js";

export const startingChapter: SpecificationChapter = {
  title: "Starting commands",
  promises: [
    {
      id: "P8",
      text: "A program gets its arguments byte for byte, with no shell in between; a script reaches its shell unchanged.",
      checks: ["process.argv-*", "process.script-as-is"],
    },
    {
      id: "P9",
      text: "A command starts in its directory with its three streams and the usual signals, and with nothing else of what serves it.",
      checks: ["process.directory", "process.signals-start-as-usual", "process.no-descriptor-leaks-in"],
    },
    {
      id: "P10",
      text: "What cannot be started rejects before it starts, and is no exit code.",
      checks: ["process.cannot-start"],
    },
    {
      id: "P11",
      text: "A command id is used once in a session's life: it is listed, attached to, and refused for another command.",
      checks: ["process.id-used-twice", "process.list-tells-states"],
    },
    {
      id: "P12",
      text: "`attach` finds a command by its id.",
      capability: "commands.attach",
      checks: ["process.attach-in-session"],
    },
    {
      id: "P13",
      text: "Many commands run at once, each with its own output and exit.",
      checks: ["process.many-at-once"],
    },
  ],
};

export const endsChapter: SpecificationChapter = {
  title: "The truth about ends",
  promises: [
    {
      id: "P14",
      text: "An exit code is the command's own; none is ever invented.",
      checks: ["process.exit-codes-exact"],
    },
    {
      id: "P15",
      text: "Death by a signal is reported as that signal.",
      capability: "commands.exitSignal",
      checks: ["process.kill-9-is-a-signal", "process.signals-exact"],
    },
    {
      id: "P16",
      text: "A command has ended when its own process has: a child that holds its output delays nothing, and closed output is no end.",
      checks: ["process.child-keeps-pipe", "process.closed-output-is-no-end"],
    },
    {
      id: "P17",
      text: "Once a command has started, `result()` resolves, once and for all, with the first reason that ended it.",
      checks: ["process.result-is-one", "process.first-reason-wins", "process.abort-after-the-end"],
    },
    {
      id: "P18",
      text: "After a normal exit background children live on, are listed under their command, and end with it or the session; a command with none leaves nothing.",
      checks: ["process.background-is-kept-and-ended", "process.resources-are-returned"],
    },
  ],
};

export const endingChapter: SpecificationChapter = {
  title: "Ending commands",
  promises: [
    {
      id: "P19",
      text: "A timeout ends a command on time, whatever holds its output.",
      checks: ["process.timeout-leaves-no-child"],
    },
    {
      id: "P20",
      text: "TERM comes first and its grace is kept, then KILL; `graceMs: 0` kills at once; a stopped command is ended, too.",
      checks: [
        "process.timeout-grace",
        "process.term-ignored-is-killed",
        "process.grace-zero-kills-at-once",
        "process.stopped-is-ended",
      ],
    },
    {
      id: "P21",
      text: "An abort signal governs the whole life of a command: aborted before, nothing is started; later, it ends the command. Disposal does, too.",
      checks: [
        "process.aborted-signal-starts-nothing",
        "process.abort-while-starting",
        "process.abort-ends-it",
        "process.disposal-cancels",
      ],
    },
    {
      id: "P22",
      text: "What a cancel reports is true: whether it ended anything, and who survived.",
      checks: ["process.cancel-reports", "process.cancel-report-is-true"],
    },
    {
      id: "P23",
      text: "With a command ends all that descends from it: daemons, new sessions, cleared environments and processes that change their number all the time.",
      capability: "commands.kill",
      checks: ["offspring.*"],
    },
    {
      id: "P24",
      text: "Ending one command leaves its neighbours alone.",
      checks: ["process.neighbour-unharmed"],
    },
    {
      id: "P25",
      text: "`signal` reaches the command's own handler; a name that is no signal is refused.",
      checks: ["process.signal-reaches-it", "process.unknown-signal-refused"],
    },
  ],
};
