import type { RunnerCallOptions } from "./runner-command.js";

/** When an exposed port counts as ready: when it accepts a connection. */
export interface RunnerPortReadiness {
  /** After this, `expose` rejects with `timeout`. */
  readonly timeoutMs: number;
}

export interface RunnerPortRequest {
  /** 1 to 65,535, on the runner. */
  readonly port: number;
  /** A name for people. */
  readonly label?: string;
  /** Absent: not waited for. */
  readonly readiness?: RunnerPortReadiness;
}

/** A port of the runner that can be reached from here. */
export interface RunnerPort {
  readonly port: number;
  readonly label?: string;
  /** Where a client on this host reaches it, without a trailing slash. */
  readonly url?: string;
  /** What a client must send along. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Stops exposing it. Idempotent. The server on the runner is not touched. */
  close(): Promise<void>;
}

/** A connection to a port of the runner. Disposing of it ends it. */
export interface RunnerConnection extends AsyncDisposable {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}

export interface RunnerPorts {
  /** Makes a port reachable. One that is exposed already gives the same again. */
  expose(request: RunnerPortRequest, options?: RunnerCallOptions): Promise<RunnerPort>;
  list(options?: RunnerCallOptions): Promise<RunnerPort[]>;
  /** Opens one connection to `127.0.0.1:port` on the runner. Rejects with `unavailable` when nothing listens. */
  connect(port: number, options?: RunnerCallOptions): Promise<RunnerConnection>;
}
