import type { OrchestratorLimits } from "../orchestrator-defaults.js";

/**
 * The time a command may take: what was asked for, and no more than what is left of the caller's turn less a reserve,
 * in whole seconds and at least the minimum.
 */
export function commandTimeout(
  requestedMs: number,
  deadlineAtMs: number | undefined,
  limits: OrchestratorLimits,
  nowMs: number = Date.now(),
): number {
  if (deadlineAtMs === undefined) return requestedMs;
  const left = Math.floor((deadlineAtMs - nowMs - limits.deadlineReserveMs) / 1_000) * 1_000;
  return Math.min(requestedMs, Math.max(limits.deadlineMinimumMs, left));
}
