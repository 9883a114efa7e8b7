import { randomUUID } from "node:crypto";
import { parseUntrusted, RunnerError, type RemoteRunnerSession } from "@mooring/api";
import { secretsIn, type ThreadRecord } from "../bindings/thread-record.js";
import type { OrchestratorLimits } from "../orchestrator-defaults.js";
import { cancelledError } from "../sessions/until-aborted.js";
import type { WorkspaceLeases } from "../sessions/workspace-leases.js";
import type { Threads } from "../threads/threads.js";
import type { ThreadRuntime } from "../threads/thread-runtime.js";
import { commandTimeout } from "./command-timeout.js";
import type { ToolCall } from "./tool-call.js";
import type { ToolContext, ToolDefinition, ToolOutcome, ToolWork } from "./tool-definition.js";
import { type ToolEventWriting, writeFinished, writeStarted } from "./tool-events.js";
import { toResult, toRunnerError } from "./tool-outcome.js";
import type { ToolCallOptions, ToolResult } from "./thread-tool.js";
import { WorkspacePaths } from "./workspace-paths.js";

export interface ToolPipeline extends ToolEventWriting {
  readonly threads: Threads;
  readonly leases: WorkspaceLeases;
  readonly limits: OrchestratorLimits;
  /** Calls that are not over; none of them rejects. */
  readonly underWay: Set<Promise<ToolResult>>;
  /** Throws when the orchestrator is closed. */
  assertOpen(): void;
}

/** Makes a call, and lets the orchestrator know of it until it is over. */
export function callTool(
  pipeline: ToolPipeline,
  threadId: string,
  definition: ToolDefinition,
  args: unknown,
  options: ToolCallOptions,
): Promise<ToolResult> {
  const call = settle(pipeline, threadId, definition, args, options);
  pipeline.underWay.add(call);
  void call.finally(() => pipeline.underWay.delete(call));
  return call;
}

/**
 * Checks a call, tells the log, opens the session, waits for the workspace, does the work, and tells the log what became
 * of it. Never rejects.
 */
async function settle(
  pipeline: ToolPipeline,
  threadId: string,
  definition: ToolDefinition,
  args: unknown,
  options: ToolCallOptions,
): Promise<ToolResult> {
  const call: ToolCall = {
    threadId,
    definition,
    args,
    options,
    callId: options.callId ?? randomUUID(),
    startedAt: performance.now(),
    waits: { sessionMs: 0, leaseMs: 0 },
    sessionId: undefined,
    told: false,
  };
  const outcome = await attempt(pipeline, call);
  const result = toResult(pipeline, call, outcome);
  if (!call.told) return result;
  const facts = RunnerError.is(outcome) ? {} : (outcome.facts ?? {});
  const warning = await writeFinished(pipeline, call, result, facts);
  return warning === undefined ? result : { ...result, warnings: [warning] };
}

async function attempt(pipeline: ToolPipeline, call: ToolCall): Promise<ToolOutcome | RunnerError> {
  try {
    pipeline.assertOpen();
    const found = await bindingOf(pipeline, call.threadId);
    await writeStarted(pipeline, call, "record" in found);
    call.told = true;
    if ("error" in found) throw found.error;
    const { signal } = call.options;
    if (signal?.aborted === true) throw cancelledError("before it began; nothing was done", signal, "before_start");
    const paths = pathsOf(found.record);
    const { definition } = call;
    const args = await parseUntrusted(definition.schema, call.args, `the arguments of ${definition.name}`, {
      operation: definition.name,
    });
    const work = definition.plan(args, paths, pipeline.limits);
    return await perform(pipeline, call, found.record, work);
  } catch (error) {
    return toRunnerError(error, call.definition.name);
  }
}

/** The thread's binding, with its secrets known so that none is written; or why it cannot be worked with. */
async function bindingOf(
  { threads, secrets }: ToolPipeline,
  threadId: string,
): Promise<{ readonly record: ThreadRecord } | { readonly error: unknown }> {
  try {
    const record = await threads.require(threadId);
    await secrets.learn(secretsIn([record.env, record.binding.destination.config]));
    return { record };
  } catch (error) {
    return { error };
  }
}

async function perform(
  pipeline: ToolPipeline,
  call: ToolCall,
  record: ThreadRecord,
  work: ToolWork,
): Promise<ToolOutcome> {
  const { definition, options, waits } = call;
  const { signal } = options;
  const runtime = pipeline.threads.runtime(record);
  const askedAt = performance.now();
  const session = await runtime.session.acquire(signal);
  call.sessionId = session.id;
  waits.sessionMs = performance.now() - askedAt;
  if (definition.lease === "none") return work(contextOf(pipeline, call, record, runtime, session));
  const queuedAt = performance.now();
  // Threads that share a workspace take turns, each through a session of its own.
  const key = `${session.providerId}\0${session.workspace}`;
  const lease = await pipeline.leases.acquire(key, definition.lease, {
    timeoutMs: pipeline.limits.leaseAcquireTimeoutMs,
    signal,
  });
  waits.leaseMs = performance.now() - queuedAt;
  try {
    return await work(contextOf(pipeline, call, record, runtime, session));
  } finally {
    lease.release();
  }
}

function contextOf(
  { limits }: ToolPipeline,
  { options }: ToolCall,
  record: ThreadRecord,
  runtime: ThreadRuntime,
  session: RemoteRunnerSession,
): ToolContext {
  const paths = pathsOf(record, session);
  return {
    session,
    commands: runtime.commands,
    limits,
    signal: options.signal,
    display: (path) => paths.display(path),
    commandTimeoutMs: (requestedMs) => commandTimeout(requestedMs, options.deadlineAtMs, limits),
  };
}

/** A workspace can be named as it was bound and as the session knows it, links resolved. */
function pathsOf(record: ThreadRecord, session?: RemoteRunnerSession): WorkspacePaths {
  const { workspace, readRoots } = record.binding;
  const known = session?.workspace ?? (record.session?.status === "open" ? record.session.state.workspace : undefined);
  return new WorkspacePaths(known === undefined ? [workspace] : [workspace, known], readRoots);
}
