import type { RunnerCommandRequest, RunnerCommandResult, RunnerOutputCursor, RunnerSessionOptions } from "@mooring/api";

/** What an owner process can be asked for; each line of its input is a request, each of its output an answer. */
export type OwnerTask =
  /** Opens a session; answers its state. */
  | { readonly kind: "open"; readonly options: OwnerSessionOptions }
  /** Resumes one; answers the outcome. */
  | { readonly kind: "resume"; readonly state: unknown; readonly options: OwnerSessionOptions }
  /** Starts commands and waits for the first output of each; answers nothing. */
  | { readonly kind: "start"; readonly requests: readonly RunnerCommandRequest[] }
  /** Answers how the started commands ended, once all have. */
  | { readonly kind: "results" }
  /** Starts a durable command, or attaches to it when there is no request; answers nothing. */
  | { readonly kind: "hold"; readonly commandId: string; readonly request?: RunnerCommandRequest }
  /** Reads the held command from a cursor to its end, an `OwnerPage` a part; answers an `OwnerEnding`. */
  | { readonly kind: "read"; readonly cursor: RunnerOutputCursor }
  | { readonly kind: "destroy" };

export type OwnerSessionOptions = Omit<RunnerSessionOptions, "signal" | "host" | "snapshot">;

export interface OwnerRequest {
  readonly id: number;
  readonly task: OwnerTask;
}

export type OwnerAnswer =
  | { readonly id: number; readonly part: unknown }
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: { readonly code: string; readonly message: string } };

/** A page of output, and where to go on: told and acknowledged in one line. */
export interface OwnerPage {
  /** Bytes as base64. */
  readonly chunks: readonly { readonly stream: "stdout" | "stderr"; readonly offset: number; readonly bytes: string }[];
  readonly cursor: RunnerOutputCursor;
}

export interface OwnerEnding {
  readonly reason: RunnerCommandResult["reason"];
  readonly exit: RunnerCommandResult["exit"];
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
}
