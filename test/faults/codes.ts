import { RunnerError, type RunnerErrorCode } from "@mooring/api";
import type { Fault } from "./transport/fault.js";

const lost: readonly RunnerErrorCode[] = ["disconnected", "unavailable", "ended"];

/**
 * Which codes are right for a call above a fault, besides those that the call has without any: a delay changes nothing, a failure, a
 * silence and an end are a lost connection or a place that cannot be reached, and garbage is `corrupt` too.
 */
export function rightCodes(fault: Fault | undefined): ReadonlySet<RunnerErrorCode> {
  if (fault === undefined) return new Set();
  // A place that does not tell the direct way to its ports leaves one through `nc`, which not every machine has.
  if (fault.primitive === "directUrl") return new Set([...lost, "corrupt", "unsupported"]);
  switch (fault.kind) {
    case "delay":
      return new Set(fault.manner === "delay-late" ? lost : []);
    case "error":
    case "hang":
      return new Set(lost);
    case "early":
      // A place that is certainly gone.
      return new Set(fault.manner === "early-lost" ? [...lost, "not_found"] : lost);
    case "garbage":
      return new Set([...lost, "corrupt"]);
  }
}

/** What an error says, for a report. */
export function describeError(error: unknown): string {
  if (RunnerError.is(error)) return `${error.code}: ${error.message}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : `a rejection with ${String(error)}`;
}
