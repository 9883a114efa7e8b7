import type { TransportChannel } from "../transport.js";

/** What was found out about a place when its session was opened. */
export interface ShellTools {
  readonly os: string;
  readonly arch: string;
  readonly uid: number;
  readonly gid: number;
  /** Whether a spawned process has a process group of its own. */
  readonly ownGroup: boolean;
  readonly isBash: boolean;
  /** Whether `exec` has options, and `--` ends them. */
  readonly endsOptions: boolean;
  /** Whether it has words to close any descriptor, also those past 9. */
  readonly closesAll: boolean;
  /** Inherited variables that bash passes on and cannot unset, as their names are none of a shell's. Latin1. */
  readonly oddNames: readonly string[];
  /** The path of `env`. */
  readonly env: string | undefined;
  readonly stat: "gnu" | "bsd" | undefined;
  readonly fullBlock: boolean;
  readonly skipBytes: boolean;
  readonly grepSkipsBinary: boolean;
  readonly exactMove: boolean;
  readonly syncsFiles: boolean;
  readonly netcat: "busybox" | "openbsd" | undefined;
  readonly programs: ReadonlySet<string>;
}

/** Where scripts run. */
export interface ShellPlace {
  readonly channel: TransportChannel;
  /** The shell's argument vector, before `-c`. */
  readonly shell: readonly string[];
  readonly fullBlock: boolean;
  /** In milliseconds: how long what must follow at once may take, such as the news of an end after the last output. */
  readonly leaseMs: number;
  /** In milliseconds: how long a command's shell may take to be ready for it. */
  readonly openTimeoutMs: number;
  /** Where writers of the session note their temporary files; latin1, and empty before there is a session. */
  readonly unfinished: string;
}
