import type { ToolName } from "../support/tools.js";

/** A way in which a process slips away from what started it. */
export interface OffspringKind {
  /** In kebab case; part of the ids of checks. */
  readonly name: string;
  /** For a sentence: "ends …". */
  readonly what: string;
  readonly tools: readonly ToolName[];
  /** Whether ending the process group is enough. */
  readonly inGroup: boolean;
  /**
   * Whether it adds a byte to the file that is named by its word, in the command's directory, each time it changes its number: no
   * search through all processes is quick enough to see such a one for certain.
   */
  readonly beats: boolean;
  /**
   * Shell text that leaves the offspring running with `word` (a shell word) in its arguments. It writes the line `hidden` once it
   * is where it wants to be, and keeps the command's standard output open. No kind lives for ever: see `hops` and each loop.
   */
  readonly script: (word: string, hops?: number) => string;
}

/** Ends by itself in half an hour, should nobody manage to end it. */
const loop = 'echo hidden; n=0; while [ "$n" -lt 1800 ]; do sleep 1; n=$((n + 1)); done';

/** Hops are counted, so that a hopper that is not ended ends by itself; each takes some milliseconds. */
const defaultHops = 4_000;

// The hopper hands its own text on as an argument: it needs no file, and no interpreter but the shell.
const hop =
  'trap "" TERM HUP; echo >>"$0"; [ "$1" -ne 3 ] || echo hidden; [ "$1" -ge "$3" ] || setsid sh -c "$2" "$0" $(($1 + 1)) "$2" "$3" &';

/** Six of them: what a shell, a daemon and a malicious build step do. */
export const offspringKinds: readonly OffspringKind[] = [
  {
    name: "child",
    what: "a plain background child",
    tools: [],
    inGroup: true,
    beats: false,
    script: (word) => `sh -c '${loop}' ${word} &`,
  },
  {
    name: "nohup-child",
    what: "a child under nohup",
    tools: ["nohup"],
    inGroup: true,
    beats: false,
    script: (word) => `nohup sh -c '${loop}' ${word} 2>/dev/null &`,
  },
  {
    name: "setsid-child",
    what: "a child in a session of its own",
    tools: ["setsid"],
    inGroup: false,
    beats: false,
    script: (word) => `setsid sh -c '${loop}' ${word} &`,
  },
  {
    name: "daemon",
    what: "an orphaned daemon that ignores TERM and HUP",
    tools: ["setsid"],
    inGroup: false,
    beats: false,
    script: (word) => `(setsid sh -c 'trap "" TERM HUP INT; cd /; ${loop}' ${word} 2>/dev/null &)`,
  },
  {
    name: "clean-environment",
    what: "a child with a cleared environment in a session of its own",
    tools: ["setsid", "env"],
    inGroup: false,
    beats: false,
    script: (word) => `env -i PATH="$PATH" setsid sh -c 'trap "" HUP; ${loop}' ${word} &`,
  },
  {
    name: "pid-hopper",
    what: "a process that forks and exits all the time, each time in a new session",
    tools: ["setsid", "env"],
    inGroup: false,
    beats: true,
    script: (word, hops = defaultHops) =>
      `hop='${hop}'; env -i PATH="$PATH" setsid sh -c "$hop" ${word} 0 "$hop" ${hops} &`,
  },
];
