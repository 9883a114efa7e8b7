import type {
  RemoteRunnerProvider,
  RunnerCommandRequest,
  RunnerCommandResult,
  RunnerDestination,
  RunnerOutput,
} from "@mooring/api";
import { withCommands, withHandles } from "./altered.js";

/** A provider with one fault, and the check that must find it. */
export interface Mutant {
  /** What it does wrong, as the rest of "one that …". */
  readonly fault: string;
  /** The id of the check that is meant to find it. */
  readonly check: string;
  readonly make: (provider: RemoteRunnerProvider, destination: RunnerDestination) => RemoteRunnerProvider;
}

/** Changes every result. */
export function withResults(
  provider: RemoteRunnerProvider,
  change: (result: RunnerCommandResult, request: RunnerCommandRequest) => RunnerCommandResult,
): RemoteRunnerProvider {
  return withHandles(provider, (command, request) => {
    let changed: Promise<RunnerCommandResult> | undefined;
    return { result: () => (changed ??= command.result().then((result) => change(result, request))) };
  });
}

/** Changes every request. */
export function withRequests(
  provider: RemoteRunnerProvider,
  change: (request: RunnerCommandRequest) => RunnerCommandRequest,
): RemoteRunnerProvider {
  return withCommands(provider, (commands) => ({
    start: (request, options) => commands.start(change(request), options),
  }));
}

/** An output with other bytes, and everything else as it was. */
export function output(bytes: Uint8Array, of: RunnerOutput): RunnerOutput {
  return { ...of, bytes, text: () => new TextDecoder().decode(bytes) };
}
