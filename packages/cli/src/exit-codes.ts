/** What the command line ends with when it is not the exit code of a command that ran. */
export const exitCodes = {
  /** Something failed: a check, a copy, a look-up. */
  failure: 1,
  /** The command line was wrong. */
  usage: 2,
  /** `exec` and `shell`: Mooring failed before the command was started; nothing ran. */
  notStarted: 123,
  /** `exec`: the command ran into `--timeout` and was ended. */
  timeout: 124,
  /** `exec` and `shell`: what became of the command is not known. */
  unknown: 125,
  /** `exec` and `shell`: the program is there and cannot be executed. */
  notExecutable: 126,
  /** `exec` and `shell`: there is no such program. */
  notFound: 127,
  /** Added to the signal's number. */
  signalBase: 128,
} as const;

/** The table as `--help` prints it. */
export const exitCodeHelp = `Exit codes:
  the command's own   when it exited
  128 + n             when signal n ended it (130 SIGINT, 137 SIGKILL, 143 SIGTERM)
  2                   the command line was wrong; nothing ran
  123                 Mooring failed before the command was started; nothing ran
  124                 --timeout was up; the command and its descendants were ended
  125                 what became of the command is not known; the message says why
  126                 the program cannot be executed
  127                 the program was not found`;
