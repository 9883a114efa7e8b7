import type { RemoteRunnerProvider, ThreadRunnerBinding } from "@mooring/api";
import type { BindingInput } from "./bindings/prepare-binding.js";
import type { SecretSource } from "./events/secret-source.js";
import type { ThreadEventLog } from "./events/event-log.js";
import type { OrchestratorPolicy } from "./orchestrator-policy.js";
import type { SessionEnding } from "./sessions/thread-session.js";
import type { StoreEngine } from "./store/store-engine.js";
import type { DefaultDestination } from "./threads/default-destination.js";
import type { EndedSession } from "./threads/threads.js";
import type { ThreadTool, ToolCallOptions, ToolResult } from "./tools/thread-tool.js";

export interface OrchestratorOptions {
  /** The places that threads can be bound to. */
  readonly providers: readonly RemoteRunnerProvider[];
  /** Where bindings, sessions and events are kept. One that was given is not closed. @default memoryStore() */
  readonly store?: StoreEngine;
  readonly secrets?: SecretSource;
  readonly policy?: OrchestratorPolicy;
  /** Where a thread goes that was never bound. @default such a thread's tool calls are refused */
  readonly defaultDestination?: DefaultDestination;
}

/** A thread and where it is bound. Plain JSON; it holds no secret. */
export interface BoundThread extends ThreadRunnerBinding {
  readonly threadId: string;
  /** The id of the session that was opened for it, alive or to be resumed; `null` before the first one. */
  readonly sessionId: string | null;
}

/** What an agent gets of its thread. */
export interface ThreadHandle {
  readonly threadId: string;
  /** Every tool. A call of a thread that is not bound is refused. */
  readonly tools: readonly ThreadTool[];
  /** Throws `not_found` for a name that no tool has. */
  tool(name: string): ThreadTool;
  /** Calls a tool by its name. Never rejects; an unknown name is a `not_found` in the result. */
  call(name: string, args: unknown, options?: ToolCallOptions): Promise<ToolResult>;
  readonly events: ThreadEventLog;
}

/** Binds agents' threads to destinations and runs their tool calls there, and nowhere else. */
export interface Orchestrator extends AsyncDisposable {
  /**
   * Ties a thread to a destination. Everything that can be known beforehand is checked now, and nothing is created;
   * the session is opened by the first tool call. The same binding again changes nothing.
   * Rejects with `invalid_request` for what is wrong, `unsupported` for what the provider does not have,
   * `already_exists` when the thread is bound otherwise. With no `destination`, the default one is used.
   */
  bind(threadId: string, binding: BindingInput, options?: { readonly signal?: AbortSignal }): Promise<BoundThread>;
  /** `undefined` for a thread that is not bound. */
  get(threadId: string): Promise<BoundThread | undefined>;
  /** Bound threads, by id. */
  list(): Promise<BoundThread[]>;
  /** Ends the thread's binding and its session. Gives whether there was one. @default session: "destroy" */
  unbind(threadId: string, options?: { readonly session?: SessionEnding }): Promise<boolean>;
  /** A thread's tools and events. Does nothing by itself, and works for a thread that is bound later. */
  thread(threadId: string): ThreadHandle;
  /**
   * Ends the sessions of this process; threads stay bound, and another orchestrator over the same store resumes them.
   * Calls under way end with what was found. Idempotent; later calls are refused. @default sessions: "close"
   */
  close(options?: { readonly sessions?: SessionEnding }): Promise<EndedSession[]>;
}
