import type { RunnerSessionInfo } from "@mooring/api";

/** A session that was created and not destroyed. */
export interface KnownSession {
  readonly sessionId: string;
  readonly destinationId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  /** The directories that it made, deepest last: what `destroy` removes. */
  readonly made: readonly string[];
  live: boolean;
}

/** The sessions of one destination that carry all of these labels. */
export function* withLabels(
  known: Iterable<KnownSession>,
  destinationId: string,
  wanted: Readonly<Record<string, string>>,
): Generator<RunnerSessionInfo> {
  for (const session of known) {
    const { sessionId, labels, createdAtMs, live } = session;
    if (session.destinationId !== destinationId) continue;
    if (!Object.entries(wanted).every(([name, value]) => labels[name] === value)) continue;
    yield { sessionId, labels, createdAtMs, state: live ? "running" : "idle", commands: 0 };
  }
}
