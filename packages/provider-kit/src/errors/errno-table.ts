import { RunnerError, type RunnerErrorCode, type RunnerErrorOptions } from "@mooring/api";

/** The one table from the system's error names to ours. A name that is not in it is `internal`. */
export const errnoTable = {
  E2BIG: "invalid_request",
  EACCES: "permission_denied",
  EADDRINUSE: "already_exists",
  EADDRNOTAVAIL: "unavailable",
  EAGAIN: "resource_exhausted",
  EBUSY: "conflict",
  ECONNABORTED: "disconnected",
  ECONNREFUSED: "unavailable",
  ECONNRESET: "disconnected",
  EDQUOT: "resource_exhausted",
  EEXIST: "already_exists",
  EFBIG: "resource_exhausted",
  EHOSTUNREACH: "unavailable",
  EILSEQ: "invalid_request",
  EINVAL: "invalid_request",
  EIO: "unavailable",
  EISDIR: "invalid_request",
  ELOOP: "path_escape",
  EMFILE: "resource_exhausted",
  EMLINK: "resource_exhausted",
  ENAMETOOLONG: "invalid_request",
  ENETUNREACH: "unavailable",
  ENFILE: "resource_exhausted",
  ENODEV: "invalid_request",
  ENOENT: "not_found",
  ENOEXEC: "permission_denied",
  ENOMEM: "resource_exhausted",
  ENOSPC: "resource_exhausted",
  ENOSYS: "unsupported",
  ENOTCONN: "disconnected",
  ENOTDIR: "invalid_request",
  ENOTEMPTY: "conflict",
  ENOTSUP: "unsupported",
  ENXIO: "invalid_request",
  EOPNOTSUPP: "unsupported",
  EPERM: "permission_denied",
  EPIPE: "disconnected",
  EPROTONOSUPPORT: "unsupported",
  EROFS: "permission_denied",
  ESRCH: "ended",
  ESTALE: "conflict",
  ETIMEDOUT: "timeout",
  ETXTBSY: "conflict",
  EXDEV: "unsupported",
} as const satisfies Readonly<Record<string, RunnerErrorCode>>;

const codes: ReadonlyMap<string, RunnerErrorCode> = new Map(Object.entries(errnoTable));

const passing: ReadonlySet<RunnerErrorCode> = new Set(["resource_exhausted", "unavailable", "timeout"]);

/** Our code for an error name of the system, such as `ENOENT`. */
export function codeOfErrno(errno: string): RunnerErrorCode {
  return codes.get(errno) ?? "internal";
}

/** A `RunnerError` for an error name of the system; the name is kept in `details.errno`. */
export function errnoError(errno: string, message: string, options: RunnerErrorOptions = {}): RunnerError {
  const code = codeOfErrno(errno);
  return new RunnerError(code, message, {
    retryable: passing.has(code) ? null : false,
    ...options,
    details: { ...options.details, errno },
  });
}
