import { RunnerError, type RunnerErrorCode } from "@mooring/api";

/** The one table from the service's statuses to the contract's codes. */
const codes: ReadonlyMap<number, RunnerErrorCode> = new Map([
  [400, "invalid_request"],
  [401, "unauthenticated"],
  [403, "permission_denied"],
  [404, "not_found"],
  [409, "already_exists"],
  [410, "ended"],
  [413, "invalid_request"],
  [429, "resource_exhausted"],
  [501, "unsupported"],
]);

/** An error for a status that was not expected, by the number alone: the words of a service change. Others are `unavailable`. */
export function statusError(status: number, request: string): RunnerError {
  const code = codes.get(status) ?? "unavailable";
  const mayPass = code === "unavailable" || code === "resource_exhausted";
  return new RunnerError(code, `The service answered ${status}: ${request}`, {
    phase: "before_start",
    retryable: mayPass ? null : false,
    details: { status },
  });
}
