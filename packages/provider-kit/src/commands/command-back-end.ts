import type { RunnerCancelReport, RunnerOutputStream, RunnerSignalName, RunnerTerminalSize } from "@mooring/api";

/** What a command handle asks of whoever runs the command. */
export interface CommandBackEnd {
  /** Resolves when there is room for more; calls arrive in order. */
  write(bytes: Uint8Array): Promise<void>;
  closeStdin(): Promise<void>;
  signal(name: RunnerSignalName): Promise<void>;
  resize(size: RunnerTerminalSize): Promise<void>;
  cancel(graceMs: number): Promise<RunnerCancelReport>;
  /**
   * Bytes of a durable command's stream that its journal keeps, at least one. Rejects with `expired`, and the floors in its details,
   * when it no longer does. Absent where nothing is kept but here.
   */
  readJournal?(
    stream: RunnerOutputStream,
    offset: number,
    maxBytes: number,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array>;
  /** So many more bytes of the stream may come: they were kept, read or dropped. */
  grantCredit(stream: RunnerOutputStream, bytes: number): void;
}
