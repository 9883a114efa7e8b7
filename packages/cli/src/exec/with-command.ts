import type { RemoteRunnerSession, RunnerCommand, RunnerCommandRequest } from "@mooring/api";
import { openSession } from "../destinations/open-session.js";
import type { ResolvedDestination } from "../destinations/resolved-destination.js";
import { exitCodes } from "../exit-codes.js";
import { type ExitOutcome, openFailure, signalNumber, startFailure } from "./exit-outcome.js";
import { forwardSignals } from "./forward-signals.js";

/**
 * Opens a session of our own, starts the command in it, passes our signals on to it while `use` has it, and ends the
 * session, with everything that runs in it.
 */
export async function withCommand(
  resolved: ResolvedDestination,
  request: RunnerCommandRequest,
  options: { readonly confine: boolean },
  use: (command: RunnerCommand) => Promise<ExitOutcome>,
): Promise<ExitOutcome> {
  const signals = forwardSignals();
  const signal = signals.beforeStart;
  let session: RemoteRunnerSession | undefined;
  try {
    session = await openSession(resolved, { ...options, signal }).catch((error: unknown) => {
      throw openFailure(error);
    });
    const command = await startIn(session, request, signal);
    signals.to(command);
    const outcome = await use(command);
    return await afterEnd(session, outcome);
  } catch (error) {
    // Whatever else is wrong, the session does not outlive us; the first error is the one to tell.
    await session?.destroy().catch(() => {});
    if (signal.aborted) {
      return { exitCode: exitCodes.signalBase + signalNumber(String(signal.reason)) };
    }
    throw error;
  } finally {
    signals.stop();
  }
}

async function startIn(
  session: RemoteRunnerSession,
  request: RunnerCommandRequest,
  signal: AbortSignal,
): Promise<RunnerCommand> {
  return await session.commands.start(request, { signal }).catch((error: unknown) => {
    throw startFailure(error, request);
  });
}

async function afterEnd(session: RemoteRunnerSession, outcome: ExitOutcome): Promise<ExitOutcome> {
  const report = await session.destroy().catch(() => undefined);
  if (report === undefined || report.survivors.length === 0) return outcome;
  const left = `These processes could not be ended: ${report.survivors.join(", ")}`;
  return { ...outcome, message: [outcome.message, left].filter(Boolean).join("\n") };
}
