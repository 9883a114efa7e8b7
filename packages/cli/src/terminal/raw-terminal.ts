/** The terminal that this process stands on, with every key handed through. */
export interface RawTerminal {
  /** Gives the terminal back as it was. Idempotent. */
  restore(): void;
}

/** Hands every key through until `restore`, which the end of this process does too. */
export function rawTerminal(): RawTerminal {
  const restore = (): void => {
    process.off("exit", restore);
    if (process.stdin.isTTY) process.stdin.setRawMode(false);
  };
  if (process.stdin.isTTY) {
    process.stdin.setRawMode(true);
    process.on("exit", restore);
  }
  return { restore };
}
