import type { JsonObject, RunnerError } from "@mooring/api";
import type { EventContext } from "../events/thread-event.js";
import type { LeftOut } from "./output-window.js";

export interface ToolCallOptions extends EventContext {
  /** Aborts the call; a command that it waits for is cancelled. */
  readonly signal?: AbortSignal;
  /** The caller's name for this call, as it shall stand in the events. @default a random one */
  readonly callId?: string;
  /**
   * When the caller's turn ends, in milliseconds since the epoch. A command then gets what is left of it less
   * a reserve of 30 s, in whole seconds and at least one.
   */
  readonly deadlineAtMs?: number;
}

/** What became of a tool call. A command's non-zero exit is `ok`: the tool did what it was asked for. */
export interface ToolResult {
  readonly ok: boolean;
  readonly callId: string;
  /** For the model: at most 64 KiB unless configured otherwise. What went wrong, when `ok` is false. */
  readonly content: string;
  /** The same for a program; `null` when `ok` is false and nothing can be told. */
  readonly data: JsonObject | null;
  /** Present exactly when `ok` is false. */
  readonly error?: RunnerError;
  /** What `content` lacks of what there was; `null` when it is whole. */
  readonly truncated: LeftOut | null;
  readonly durationMs: number;
  /** What the caller should know besides, such as an event that could not be written. */
  readonly warnings: readonly string[];
}

/** One thing that a model can do in a thread's workspace. Fits any framework that takes a JSON Schema and a function. */
export interface ThreadTool {
  readonly name: string;
  /** For the model. */
  readonly description: string;
  /** JSON Schema, draft 2020-12, of an object. */
  readonly inputSchema: JsonObject;
  /** Never rejects: every failure is a result. */
  call(args: unknown, options?: ToolCallOptions): Promise<ToolResult>;
}
