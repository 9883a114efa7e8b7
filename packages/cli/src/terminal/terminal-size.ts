import type { RunnerCommand, RunnerTerminalSize } from "@mooring/api";

/** The size of the terminal we stand on; 80 by 24 where there is none. */
export function terminalSize(): RunnerTerminalSize {
  const { columns, rows } = process.stdout.isTTY ? process.stdout : process.stderr;
  return { columns: columns || 80, rows: rows || 24 };
}

/** Tells the command each new size until the returned function is called. */
export function followTerminalSize(command: Pick<RunnerCommand, "resize">): () => void {
  const listener = (): void => {
    // A command that has just ended has no size any more.
    void command.resize(terminalSize()).catch(() => {});
  };
  process.on("SIGWINCH", listener);
  return () => process.off("SIGWINCH", listener);
}
