export type { BindingInput, DestinationInput } from "./bindings/prepare-binding.js";
export { createOrchestrator } from "./create-orchestrator.js";
export { cursorAfter, type ThreadEventLog, type ThreadEventPage } from "./events/event-log.js";
export type { SecretSource } from "./events/secret-source.js";
export type {
  EventContext,
  EventDigest,
  ThreadEvent,
  ThreadEventData,
  ThreadEventType,
  ToolWaits,
} from "./events/thread-event.js";
export { orchestratorDefaults, type OrchestratorLimits } from "./orchestrator-defaults.js";
export type { OrchestratorPolicy } from "./orchestrator-policy.js";
export type { BoundThread, Orchestrator, OrchestratorOptions, ThreadHandle } from "./orchestrator.js";
export type { SessionEnding } from "./sessions/thread-session.js";
export { memoryStore, type MemoryStoreOptions } from "./store/memory-store.js";
export type {
  ClaimedRun,
  CommitResult,
  PoolStatistics,
  QueuedRun,
  RunLease,
  RunOutcome,
  RunRenewal,
  StoredEvent,
  StoreEngine,
  StoreOperation,
  StreamCursor,
  StreamPage,
} from "./store/store-engine.js";
export { tail } from "./store/tail.js";
export type { DefaultDestination } from "./threads/default-destination.js";
export type { EndedSession } from "./threads/threads.js";
export type { LeftOut } from "./tools/output-window.js";
export type { ThreadTool, ToolCallOptions, ToolResult } from "./tools/thread-tool.js";
