import type { ReapReport, RunnerSessionInfo } from "@mooring/api";
import { call } from "../helper/call.js";
import { readList, readNumber, readRecord, readText, type HelperRecord } from "../helper/record-reader.js";
import { startHelper } from "../helper/start-helper.js";
import { sessionEndedError } from "../session/unsupported-facets.js";
import { reapShellSessions, shellSessions } from "../shell/shell-sessions.js";
import type { RunnerTransport, TransportChannel } from "../transport.js";
import type { PolicyLimits } from "./policy-limits.js";

/** The sessions that left a record on the far side, and carry all the labels. */
export async function recordedSessions(
  transport: RunnerTransport,
  labels: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
  limits: PolicyLimits,
): Promise<RunnerSessionInfo[]> {
  const record = await oneRequest(transport, "session.sessions", "listSessions", undefined, signal, limits);
  if ("withoutHelper" in record) return shellSessions(record.withoutHelper, labels, signal, limits);
  return readList(record.get("sessions"))
    .map((item) => sessionInfo(readRecord(item)))
    .filter((info) => Object.entries(labels).every(([name, value]) => info.labels[name] === value));
}

/** Removes the records whose owner is gone, and what they left. */
export async function reapSessions(
  transport: RunnerTransport,
  labels: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
  limits: PolicyLimits,
): Promise<ReapReport> {
  const record = await oneRequest(transport, "session.reap", "reap", labels, signal, limits);
  if ("withoutHelper" in record) return reapShellSessions(record.withoutHelper, labels, signal, limits);
  const ids = (key: string) => readList(record.get(key)).map((id) => id.toString("utf8"));
  return { reaped: ids("reaped"), kept: ids("kept") };
}

async function oneRequest(
  transport: RunnerTransport,
  op: string,
  operation: string,
  labels: Readonly<Record<string, string>> | undefined,
  signal: AbortSignal | undefined,
  { leaseMs, openTimeoutMs }: PolicyLimits,
): Promise<HelperRecord | { readonly withoutHelper: TransportChannel }> {
  const { channel } = transport;
  const started = await startHelper(channel, { leaseMs, openTimeoutMs, signal });
  // Where no helper can run, sessions were served by a shell and left their records to one.
  if ("absent" in started) return { withoutHelper: channel };
  const { connection } = started;
  try {
    return await call(connection, { op, operation, resource: "session", signal }, (writer) => {
      if (labels === undefined) return;
      writer.list(
        "labels",
        Object.entries(labels).map(([name, value]) => `${name}=${value}`),
      );
    });
  } finally {
    connection.close(sessionEndedError(operation));
  }
}

function sessionInfo(record: HelperRecord): RunnerSessionInfo {
  const labels = readList(record.get("labels")).map((item) => {
    const text = item.toString("utf8");
    const at = text.indexOf("=");
    return [text.slice(0, at), text.slice(at + 1)] as const;
  });
  return {
    sessionId: readText(record, "sessionId"),
    labels: Object.fromEntries(labels),
    createdAtMs: readNumber(record, "createdAtMs"),
    state: record.has("alive") ? "running" : "idle",
    commands: readNumber(record, "commands"),
  };
}
