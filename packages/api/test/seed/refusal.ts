import { RunnerError } from "@mooring/api";

/** The `RunnerError` that `action` throws; a test fails where it throws none. */
export function refusal(action: () => unknown): RunnerError {
  try {
    action();
  } catch (error) {
    if (RunnerError.is(error)) return error;
    throw error;
  }
  throw new Error("expected a RunnerError, and nothing was thrown");
}
