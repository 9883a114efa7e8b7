import { randomUUID } from "node:crypto";
import {
  parseUntrusted,
  RunnerError,
  type RemoteRunnerProvider,
  type RemoteRunnerSession,
  type ResumedSession,
  type RunnerDestination,
  type RunnerSessionOptions,
  type RunnerSessionState,
} from "@mooring/api";
import type { ProviderRegistry } from "../bindings/provider-registry.js";
import type { ThreadRecord } from "../bindings/thread-record.js";
import type { ThreadRecords, VersionedRecord } from "../bindings/thread-records.js";
import { errorToJson } from "../events/to-json.js";
import type { SecretRegistry } from "../events/secret-registry.js";
import type { NewThreadEvent } from "../events/thread-event.js";
import type { OrchestratorPolicy } from "../orchestrator-policy.js";
import { giveBack } from "./give-back.js";

export interface SessionOpening {
  readonly records: ThreadRecords;
  readonly providers: ProviderRegistry;
  readonly secrets: SecretRegistry;
  readonly policy: OrchestratorPolicy;
}

interface Place {
  readonly provider: RemoteRunnerProvider;
  readonly destination: RunnerDestination;
  readonly options: RunnerSessionOptions;
}

/**
 * Resumes the thread's session, or makes it. When this resolves, the session's state is stored: whatever a tool does
 * afterwards can be found again.
 */
export async function openSession(opening: SessionOpening, current: VersionedRecord): Promise<RemoteRunnerSession> {
  const startedAt = performance.now();
  const place = await placeOf(opening, current.record);
  const { session: known } = current.record;
  if (known?.status === "open") {
    const resumed = await resume(opening, current.record, place, known.state);
    return store(opening, current, resumed.session, resumedEvent(resumed, startedAt), "detach");
  }
  // The intent comes first: a session made by a call that was never answered is then found by its id.
  const sessionId = known?.sessionId ?? randomUUID();
  const session = { status: "creating", sessionId } as const;
  const intended =
    known === null ? await opening.records.put({ ...current.record, session }, current.version, []) : current;
  try {
    const created = await place.provider.createSession(place.destination, {
      ...place.options,
      sessionId,
    });
    return await store(opening, intended, created, createdEvent(created, startedAt), "destroy");
  } catch (error) {
    if (!RunnerError.is(error) || error.code !== "already_exists") throw error;
    const state = stateById(current.record, sessionId);
    const resumed = await resume(opening, current.record, place, state);
    return store(opening, intended, resumed.session, resumedEvent(resumed, startedAt), "detach");
  }
}

async function placeOf(opening: SessionOpening, record: ThreadRecord): Promise<Place> {
  const { destination, workspace, readRoots } = record.binding;
  const provider = opening.providers.get(destination.providerId);
  const config = await parseUntrusted(provider.configSchema, destination.config, `config of ${provider.id}`, {
    operation: "bind",
    resource: "destination",
    provider: provider.id,
  });
  const { resolver } = opening.secrets;
  return {
    provider,
    destination: { ...destination, config },
    options: {
      workspace,
      readRoots,
      env: record.env,
      labels: { thread: record.threadId },
      host: resolver === undefined ? {} : { resolveSecret: resolver },
    },
  };
}

async function resume(
  opening: SessionOpening,
  record: ThreadRecord,
  place: Place,
  state: RunnerSessionState,
): Promise<ResumedSession> {
  const onLost = state.snapshot === null ? (opening.policy.onLost ?? "fail") : "restore";
  try {
    return await place.provider.resumeSession(place.destination, state, {
      ...place.options,
      onLost,
    });
  } catch (error) {
    if (!RunnerError.is(error) || error.code !== "not_found") throw error;
    const lost = lostError(record.threadId, state.sessionId, error);
    const data = { reason: "not_found", error: errorToJson(error) };
    await opening.records.append(record.threadId, [
      {
        type: "session.lost",
        sessionId: state.sessionId,
        data: opening.secrets.redact(data) as typeof data,
      },
    ]);
    throw lost;
  }
}

/** Writes the session's state; a session whose state cannot be written is given back, and both causes are kept. */
async function store(
  opening: SessionOpening,
  current: VersionedRecord,
  session: RemoteRunnerSession,
  event: NewThreadEvent,
  onFailure: "detach" | "destroy",
): Promise<RemoteRunnerSession> {
  try {
    const record: ThreadRecord = {
      ...current.record,
      session: { status: "open", sessionId: session.id, state: session.state() },
    };
    await opening.records.put(record, current.version, [event]);
    return session;
  } catch (error) {
    return giveBack(session, onFailure, error);
  }
}

function createdEvent(session: RemoteRunnerSession, startedAt: number): NewThreadEvent {
  return {
    type: "session.created",
    sessionId: session.id,
    data: { workspace: session.workspace, durationMs: since(startedAt) },
  };
}

function resumedEvent({ session, outcome, missing }: ResumedSession, startedAt: number): NewThreadEvent {
  return {
    type: "session.resumed",
    sessionId: session.id,
    data: { outcome, missing, workspace: session.workspace, durationMs: since(startedAt) },
  };
}

/** A state for a session of which only the id is known: its creation was not answered. */
function stateById(record: ThreadRecord, sessionId: string): RunnerSessionState {
  const { destination, workspace } = record.binding;
  return {
    version: 1,
    providerId: destination.providerId,
    sessionId,
    destinationId: destination.id,
    snapshot: null,
    workspace,
    metadata: null,
    providerState: {},
  };
}

function lostError(threadId: string, sessionId: string, cause: RunnerError): RunnerError {
  return new RunnerError(
    "not_found",
    `The session "${sessionId}" of thread "${threadId}" is gone and there is no snapshot to restore it from; unbind the thread and bind it again to start anew`,
    { resource: "session", retryable: false, phase: "before_start", cause },
  );
}

function since(startedAt: number): number {
  return Math.round((performance.now() - startedAt) * 1_000) / 1_000;
}
