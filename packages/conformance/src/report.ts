import type { RunnerCapabilities } from "@mooring/api";
import type { CheckResult } from "./check-result.js";

/** A whole run as JSON. */
export interface ConformanceReport {
  readonly version: 1;
  readonly providerId: string;
  readonly destinationId: string;
  /** ISO 8601, UTC. */
  readonly finishedAt: string;
  /** What the session claims. A claim with a failed check is not to be believed. */
  readonly capabilities: RunnerCapabilities | null;
  readonly total: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly durationMs: number;
  readonly groups: Readonly<Record<string, ConformanceCounts>>;
  /** By the id of the promise that the checks hold. */
  readonly promises: Readonly<Record<string, ConformanceCounts>>;
  readonly results: readonly CheckResult[];
}

export interface ConformanceCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Sums up the results of `verifyProvider`. */
export function summarize(
  results: readonly CheckResult[],
  about: {
    readonly providerId: string;
    readonly destinationId: string;
    readonly capabilities?: RunnerCapabilities | undefined;
  },
): ConformanceReport {
  return {
    version: 1,
    providerId: about.providerId,
    destinationId: about.destinationId,
    finishedAt: new Date().toISOString(),
    capabilities: about.capabilities ?? null,
    total: results.length,
    ...count(results),
    durationMs: results.reduce((sum, { durationMs }) => sum + durationMs, 0),
    groups: countBy(results, "group"),
    promises: countBy(results, "promise"),
    results,
  };
}

function countBy(results: readonly CheckResult[], key: "group" | "promise"): Record<string, ConformanceCounts> {
  const names = [...new Set(results.map((result) => result[key]))];
  return Object.fromEntries(names.map((name) => [name, count(results.filter((result) => result[key] === name))]));
}

function count(results: readonly CheckResult[]): ConformanceCounts {
  const having = (status: CheckResult["status"]) => results.filter((result) => result.status === status).length;
  return { passed: having("passed"), failed: having("failed"), skipped: having("skipped") };
}
