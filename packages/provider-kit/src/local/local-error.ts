import { RunnerError } from "@mooring/api";
import { errnoError } from "../errors/errno-table.js";

/** An error of this host's own file system as a `RunnerError`, by its errno. */
export function localError(error: unknown, path: string, operation: string): RunnerError {
  if (RunnerError.is(error)) return error;
  const native = error as NodeJS.ErrnoException;
  return errnoError(native.code ?? "EIO", `Could not ${operation} the local path ${path}: ${native.message}`, {
    operation,
    resource: "file",
    cause: error,
    details: { path },
  });
}
