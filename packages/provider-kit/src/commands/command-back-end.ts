import type { RunnerCancelReport, RunnerOutputStream, RunnerSignalName, RunnerTerminalSize } from "@mooring/api";

/** What a command handle asks of whoever runs the command. */
export interface CommandBackEnd {
  /** Resolves when there is room for more; calls arrive in order. */
  write(bytes: Uint8Array): Promise<void>;
  closeStdin(): Promise<void>;
  signal(name: RunnerSignalName): Promise<void>;
  resize(size: RunnerTerminalSize): Promise<void>;
  cancel(graceMs: number): Promise<RunnerCancelReport>;
  /** So many more bytes of the stream may come: they were kept, read or dropped. */
  grantCredit(stream: RunnerOutputStream, bytes: number): void;
}
