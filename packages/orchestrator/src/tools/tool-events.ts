import type { JsonObject, JsonValue, RunnerError } from "@mooring/api";
import type { ThreadRecords } from "../bindings/thread-records.js";
import { boundedJson } from "../events/bounded-json.js";
import { digestOf } from "../events/digest.js";
import type { SecretRegistry } from "../events/secret-registry.js";
import type { EventContext, NewThreadEvent } from "../events/thread-event.js";
import { errorToJson, toJson } from "../events/to-json.js";
import type { ToolCallOptions, ToolResult } from "./thread-tool.js";
import type { ToolCall } from "./tool-call.js";

/** What is needed to write to a thread's log. */
export interface ToolEventWriting {
  readonly records: ThreadRecords;
  readonly secrets: SecretRegistry;
}

export async function writeStarted(
  { records, secrets }: ToolEventWriting,
  call: ToolCall,
  isBound: boolean,
): Promise<void> {
  // Without the binding's secrets it cannot be told which part of the arguments is one.
  const args: JsonValue = isBound ? boundedJson(secrets.redact(toJson(call.args))) : "[withheld]";
  const event: NewThreadEvent = {
    ...contextIds(call.options),
    type: "tool.started",
    data: { callId: call.callId, tool: call.definition.name, arguments: args },
  };
  await records.append(call.threadId, [event]);
}

/** Gives a warning when the event could not be written: the work itself is done. */
export async function writeFinished(
  { records, secrets }: ToolEventWriting,
  call: ToolCall,
  result: ToolResult,
  facts: JsonObject,
): Promise<string | undefined> {
  const event: NewThreadEvent = {
    ...contextIds(call.options),
    ...(call.sessionId === undefined ? {} : { sessionId: call.sessionId }),
    type: "tool.finished",
    data: {
      callId: call.callId,
      tool: call.definition.name,
      ok: result.ok,
      ...(result.error === undefined ? {} : { error: toldError(result.error) }),
      durationMs: result.durationMs,
      waits: { sessionMs: inMicroseconds(call.waits.sessionMs), leaseMs: inMicroseconds(call.waits.leaseMs) },
      output: digestOf(result.content),
      truncated: result.truncated !== null,
      facts: boundedJson(secrets.redact(facts)) as JsonObject,
    },
  };
  try {
    await records.append(call.threadId, [event]);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return `The end of this call could not be written to the event log: ${message}`;
  }
}

/** A hint quotes a file: it is the caller's, and no part of the log. */
function toldError(error: RunnerError): JsonObject {
  const told = boundedJson(errorToJson(error)) as JsonObject;
  const { hint: _hint, ...details } = { ...(told["details"] as JsonObject | undefined) };
  return { ...told, ...(told["details"] === undefined ? {} : { details }) };
}

function contextIds({ taskId, turnId, runId, workerId }: ToolCallOptions): EventContext {
  return Object.fromEntries(Object.entries({ taskId, turnId, runId, workerId }).filter(([, id]) => id !== undefined));
}

/** Milliseconds with no more digits than mean something. */
function inMicroseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1_000) / 1_000;
}
