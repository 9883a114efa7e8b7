/** One way to work over SSH. What it cannot do is absent. Paths are relative to the login's workspace. */
export interface SshContender {
  readonly name: string;
  /** Runs a line of a POSIX shell to its end and returns its standard output; throws unless it exited with 0. */
  run(line: string): Promise<string>;
  read?(name: string): Promise<number>;
  write?(name: string, contents: Buffer): Promise<void>;
  /** Writes it so that others see the old or the new contents, and a crash of the machine keeps one of them. */
  replace?(name: string, contents: Buffer): Promise<void>;
  /** Reads the whole standard output, counts it and keeps none of it. */
  drain?(line: string): Promise<number>;
  /** Copies a directory of this machine over there. */
  upload?(from: string, to: string): Promise<void>;
  /** Copies one file of this machine over there. */
  send?(from: string, to: string): Promise<void>;
  /** Copies one file from there. */
  fetch?(from: string, to: string): Promise<void>;
  /** Makes a port over there reachable here; returns the local one. */
  expose?(port: number): Promise<number>;
  close(): Promise<void>;
}

/** What it takes to log in to the server that was started for the measurement. */
export interface SshLane {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly keyFile: string;
  readonly hostKey: string;
  readonly knownHostsFile: string;
  readonly workspace: string;
  /** For sockets and the like. */
  readonly directory: string;
}
