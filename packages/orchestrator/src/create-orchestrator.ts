import { describeValue, RunnerError } from "@mooring/api";
import { ProviderRegistry } from "./bindings/provider-registry.js";
import { threadIdSchema, type ThreadRecord } from "./bindings/thread-record.js";
import { ThreadRecords } from "./bindings/thread-records.js";
import { SecretRegistry } from "./events/secret-registry.js";
import { orchestratorDefaults, type OrchestratorLimits } from "./orchestrator-defaults.js";
import type { BoundThread, Orchestrator, OrchestratorOptions, ThreadHandle } from "./orchestrator.js";
import type { SessionEnding } from "./sessions/thread-session.js";
import { cancelledError } from "./sessions/until-aborted.js";
import { WorkspaceLeases } from "./sessions/workspace-leases.js";
import { memoryStore } from "./store/memory-store.js";
import type { StoreEngine } from "./store/store-engine.js";
import { threadHandle } from "./threads/thread-handle.js";
import { closedError, Threads, type EndedSession } from "./threads/threads.js";
import type { ToolPipeline } from "./tools/call-tool.js";
import { toolDefinitions } from "./tools/tool-definitions.js";

/** Makes an orchestrator over the providers it is handed. Does no I/O: the store is opened by the first call. */
export function createOrchestrator(options: OrchestratorOptions): Orchestrator {
  const limits: OrchestratorLimits = { ...orchestratorDefaults, ...options.policy?.limits };
  const store = openedOnce(options.store ?? memoryStore());
  const records = new ThreadRecords(store);
  const secrets = new SecretRegistry(options.secrets);
  const providers = new ProviderRegistry(options.providers);
  const policy = options.policy ?? {};
  const threads = new Threads({ records, providers, secrets, policy }, options.defaultDestination);
  const definitions = toolDefinitions(limits);
  let closing: Promise<EndedSession[]> | undefined;
  const assertOpen = (): void => {
    if (closing !== undefined) throw closedError();
  };
  const pipeline: ToolPipeline = {
    threads,
    records,
    secrets,
    limits,
    leases: new WorkspaceLeases(),
    underWay: new Set(),
    assertOpen,
  };
  const endAll = async (ending: SessionEnding): Promise<EndedSession[]> => {
    const ended = await threads.endAll(ending);
    // What they found is written before this is over.
    await Promise.all(pipeline.underWay);
    return ended;
  };
  const orchestrator: Orchestrator = {
    async bind(threadId, binding, { signal } = {}) {
      if (signal?.aborted === true) throw cancelledError("before it began; nothing was done", signal, "before_start");
      assertOpen();
      checkThreadId(threadId);
      return toBoundThread(await threads.bind(threadId, binding, signal));
    },
    async get(threadId) {
      checkThreadId(threadId);
      const current = await records.get(threadId);
      return current?.record.status === "bound" ? toBoundThread(current.record) : undefined;
    },
    async list() {
      const found: BoundThread[] = [];
      for await (const record of records.bound()) found.push(toBoundThread(record));
      return found;
    },
    async unbind(threadId, { session = "destroy" } = {}) {
      assertOpen();
      checkThreadId(threadId);
      return threads.unbind(threadId, session);
    },
    thread(threadId): ThreadHandle {
      checkThreadId(threadId);
      return threadHandle(threadId, definitions, pipeline, store);
    },
    close({ sessions = "close" } = {}) {
      closing ??= endAll(sessions);
      return closing;
    },
    async [Symbol.asyncDispose]() {
      await this.close();
    },
  };
  return orchestrator;
}

/** Opening is tried again by the next call after it failed. */
function openedOnce(store: StoreEngine): () => Promise<StoreEngine> {
  let opened: Promise<void> | undefined;
  return async () => {
    opened ??= store.open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    await opened;
    return store;
  };
}

function checkThreadId(threadId: string): void {
  if (!threadIdSchema.safeParse(threadId).success) throw wrongThreadId(threadId);
}

function wrongThreadId(threadId: unknown): RunnerError {
  return new RunnerError(
    "invalid_request",
    `Expected \`threadId\` to be 1 to 256 characters without NUL and line breaks, got ${describeValue(threadId)}`,
    { retryable: false, phase: "before_start" },
  );
}

function toBoundThread({ threadId, binding, session }: ThreadRecord): BoundThread {
  return { threadId, ...binding, sessionId: session?.sessionId ?? null };
}
