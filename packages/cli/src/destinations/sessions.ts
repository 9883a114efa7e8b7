import type { RunnerSessionInfo } from "@mooring/api";
import { CliError, usageError } from "../cli-error.js";
import { table } from "../output/table.js";
import { printJson, printLine } from "../output/write.js";
import { resolveDestination } from "./resolve-destination.js";

interface SessionsOptions {
  readonly json?: boolean;
  readonly config?: string;
  readonly label?: readonly string[];
}

/** Prints the sessions that a destination knows of. */
export async function listSessions(text: string, options: SessionsOptions): Promise<void> {
  const { provider, destination } = await resolveDestination(text, options);
  if (provider.listSessions === undefined) throw unsupported(provider.id, "list");
  const found: RunnerSessionInfo[] = [];
  for await (const session of provider.listSessions(destination, { labels: labelsOf(options) })) {
    found.push(session);
  }
  if (options.json === true) {
    await printJson(found);
    return;
  }
  if (found.length === 0) return;
  const rows = found.map((session) => [
    session.sessionId,
    session.state,
    `${session.commands}`,
    new Date(session.createdAtMs).toISOString(),
    Object.entries(session.labels)
      .map(([name, value]) => `${name}=${value}`)
      .join(" "),
  ]);
  await printLine(table([["SESSION", "STATE", "COMMANDS", "CREATED", "LABELS"], ...rows]));
}

/** Removes what was left behind, and prints what was removed and what was kept. */
export async function reapSessions(text: string, options: SessionsOptions): Promise<void> {
  const { provider, destination } = await resolveDestination(text, options);
  if (provider.reap === undefined) throw unsupported(provider.id, "reap");
  const report = await provider.reap(destination, { labels: labelsOf(options) });
  if (options.json === true) {
    await printJson(report);
    return;
  }
  const rows = [...report.reaped.map((id) => ["removed", id]), ...report.kept.map((id) => ["kept", id])];
  await printLine(rows.length === 0 ? "nothing was left behind" : table(rows));
}

function labelsOf(options: SessionsOptions): Record<string, string> {
  const pairs = (options.label ?? []).map((label) => {
    const at = label.indexOf("=");
    if (at < 1) throw usageError(`Expected --label to be name=value, got \`${label}\``);
    return [label.slice(0, at), label.slice(at + 1)] as const;
  });
  return Object.fromEntries(pairs);
}

function unsupported(providerId: string, verb: string): CliError {
  return new CliError(`The provider ${providerId} cannot ${verb} sessions`, { code: "unsupported" });
}
