/** One way to do what the cases measure. What it cannot do is absent. */
export interface Contender {
  readonly name: string;
  /** Runs a program to its end and returns its standard output; throws unless it exited with 0. */
  run(program: string, args: readonly string[]): Promise<string>;
  /** Reads a file in the workspace. */
  read?(name: string): Promise<Uint8Array>;
  /** Replaces a file in the workspace so that it survives a crash whole. */
  write?(name: string, contents: Uint8Array): Promise<void>;
  /** Counts the files under a directory of the workspace, with the size and time of each. */
  list?(name: string): Promise<number>;
  close(): Promise<void>;
}

/** Opens a contender over a workspace that exists. */
export type OpenContender = (workspace: string) => Promise<Contender>;

/** A program and its arguments as one line for contenders that take nothing else. */
export function shellLine(program: string, args: readonly string[]): string {
  return [program, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
}
