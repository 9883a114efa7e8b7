import { spawnSync } from "node:child_process";

/** The terminal that this process stands on, with every key handed through. */
export interface RawTerminal {
  /** Gives the terminal back as it was. Idempotent. */
  restore(): void;
}

/** Hands every key through, and every byte back, until `restore`, which the end of this process does too. */
export function rawTerminal(): RawTerminal {
  const restore = (): void => {
    process.off("exit", restore);
    if (process.stdin.isTTY) process.stdin.setRawMode(false);
  };
  if (process.stdin.isTTY) {
    process.stdin.setRawMode(true);
    process.on("exit", restore);
    // Node's raw mode turns line feeds into carriage return and line feed, which the other terminal has done already:
    // a full-screen program would lose its column. Leaving raw mode undoes this too.
    spawnSync("stty", ["-opost"], { stdio: ["inherit", "ignore", "ignore"] });
  }
  return { restore };
}
