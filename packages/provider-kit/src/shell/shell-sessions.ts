import type { ReapReport, RunnerSessionInfo } from "@mooring/api";
import { OpeningSignal } from "./opening-signal.js";
import { readSessionRecord } from "./session-record.js";
import { ShellCall, scriptOf } from "./shell-call.js";
import type { TransportChannel } from "../transport.js";
import type { ShellPlace } from "./shell-place.js";
import { positional } from "./shell-source.js";

interface FoundSession extends RunnerSessionInfo {
  readonly state: "running" | "idle";
  /** Its directory's name. */
  readonly directory: string;
}

/** The sessions over a shell that left a record, and carry all the labels. */
export async function shellSessions(
  channel: TransportChannel,
  labels: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
  limits: Pick<ShellPlace, "leaseMs" | "openTimeoutMs">,
): Promise<RunnerSessionInfo[]> {
  const found = await findSessions(placeOf(channel, limits), labels, signal);
  return found.map(({ sessionId, labels: own, createdAtMs, state, commands }) => ({
    sessionId,
    labels: own,
    createdAtMs,
    state,
    commands,
  }));
}

/** Removes the records of sessions whose owner is gone; its control shell ended their commands with it. */
export async function reapShellSessions(
  channel: TransportChannel,
  labels: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
  limits: Pick<ShellPlace, "leaseMs" | "openTimeoutMs">,
): Promise<ReapReport> {
  const place = placeOf(channel, limits);
  const found = await findSessions(place, labels, signal);
  const removed = new Set<string>();
  if (found.length > 0) {
    const directories = positional(found.map(({ directory }) => directory));
    const answer = await answerInTime(place, "reap", "forget", directories, signal);
    for (const [, directory = ""] of answer.matchAll(/^removed ([0-9a-f]+) /gm)) removed.add(directory);
  }
  const idsOf = (wanted: boolean) =>
    found.filter(({ directory }) => removed.has(directory) === wanted).map(({ sessionId }) => sessionId);
  return { reaped: idsOf(true), kept: idsOf(false) };
}

async function findSessions(
  place: ShellPlace,
  labels: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<FoundSession[]> {
  const answer = await answerInTime(place, "listSessions", "sessions", ":", signal);
  const lines = [...answer.matchAll(/^([0-9a-f]{32}) (alive|idle) (\S+) [0-9a-f]{32}$/gm)];
  const sessions = await Promise.all(
    lines.map(async ([, directory = "", alive, word = ""]): Promise<FoundSession | undefined> => {
      const record = await readSessionRecord(word);
      if (record === undefined) return undefined;
      return { ...record, state: alive === "alive" ? "running" : "idle", commands: 0, directory };
    }),
  );
  return sessions.filter(
    (session): session is FoundSession =>
      session !== undefined && Object.entries(labels).every(([name, value]) => session.labels[name] === value),
  );
}

/** No session is there whose control shell would tell that the far side has fallen silent. */
async function answerInTime(
  place: ShellPlace,
  operation: string,
  script: "forget" | "sessions",
  values: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const opening = new OpeningSignal({ signal, openTimeoutMs: place.openTimeoutMs });
  try {
    const call = await ShellCall.start(place, scriptOf("05-state", script), () => values, {
      operation,
      resource: "session",
      signal: opening.signal,
    });
    call.process.stdin.end();
    return (await call.answer()).toString("latin1");
  } catch (error) {
    throw opening.late ?? error;
  } finally {
    opening.end();
  }
}

function placeOf(
  channel: TransportChannel,
  { leaseMs, openTimeoutMs }: Pick<ShellPlace, "leaseMs" | "openTimeoutMs">,
): ShellPlace {
  return { channel, shell: ["sh"], fullBlock: false, leaseMs, openTimeoutMs, unfinished: "" };
}
