import type { RunnerCommand, RunnerSignalName } from "@mooring/api";

const forwarded = [
  "SIGINT",
  "SIGTERM",
  "SIGHUP",
  "SIGQUIT",
  "SIGUSR1",
  "SIGUSR2",
] as const satisfies readonly RunnerSignalName[];

/** Passes the signals that this process gets on to a command. */
export interface SignalForwarding {
  /** Aborted by a signal that came before there was a command to pass it to. */
  readonly beforeStart: AbortSignal;
  /** From here on signals go to the command. */
  to(command: RunnerCommand): void;
  stop(): void;
}

/**
 * Listens from now on, so that no signal ends this process while a command runs elsewhere.
 * @param onHangUp takes the terminal's end instead of passing it on
 */
export function forwardSignals(onHangUp?: () => void): SignalForwarding {
  const early = new AbortController();
  let target: RunnerCommand | undefined;
  const listener = (name: NodeJS.Signals): void => {
    if (name === "SIGHUP" && onHangUp !== undefined) {
      onHangUp();
      return;
    }
    if (target === undefined) {
      early.abort(name);
      return;
    }
    // One that has just ended needs no signal; one that is lost ends with a result of its own.
    void target.signal(name as RunnerSignalName).catch(() => {});
  };
  for (const name of forwarded) process.on(name, listener);
  return {
    beforeStart: early.signal,
    to(command) {
      target = command;
    },
    stop() {
      for (const name of forwarded) process.off(name, listener);
    },
  };
}
