import type { ToolCallOptions } from "./thread-tool.js";
import type { ToolDefinition } from "./tool-definition.js";

/** One call on its way through: what is known of it, and where its time went. */
export interface ToolCall {
  readonly threadId: string;
  readonly definition: ToolDefinition;
  readonly args: unknown;
  readonly options: ToolCallOptions;
  readonly callId: string;
  readonly startedAt: number;
  readonly waits: { sessionMs: number; leaseMs: number };
  sessionId: string | undefined;
  /** Whether the log says that it began. */
  told: boolean;
}
