import type { RemoteRunnerSession, RunnerCommand, RunnerCommandRequest } from "@mooring/api";
import { openSession } from "../destinations/open-session.js";
import type { ResolvedDestination } from "../destinations/resolved-destination.js";
import { type ExitOutcome, openFailure, startFailure } from "../exec/exit-outcome.js";
import { printJson, printLine, warnLine } from "../output/write.js";
import { followDurable } from "./follow-durable.js";
import { saveSession } from "./saved-session.js";

/** Starts a command that outlives this process; follows it, or leaves at once. */
export async function runDurable(
  run: {
    readonly resolved: ResolvedDestination;
    readonly request: RunnerCommandRequest;
    readonly confine: boolean;
    readonly detach: boolean;
  },
  options: { readonly json?: boolean },
): Promise<ExitOutcome> {
  const { resolved, request, confine } = run;
  const session = await openSession(resolved, { confine }).catch((error: unknown) => {
    throw openFailure(error);
  });
  const command = await startSaved(session, { ...request, durable: true }, resolved.location);
  if (run.detach) {
    await session.detach();
    const ids = { sessionId: session.id, commandId: command.commandId };
    await (options.json === true ? printJson(ids) : printLine(session.id));
    return { exitCode: 0 };
  }
  await warnLine(`mooring: if this is cut off, go on with: mooring attach ${session.id}`);
  return await followDurable(session, command);
}

/** Started and noted here, or neither: one that cannot be found again must not run on. */
async function startSaved(
  session: RemoteRunnerSession,
  request: RunnerCommandRequest,
  destination: string,
): Promise<RunnerCommand> {
  try {
    const command = await session.commands.start(request).catch((error: unknown) => {
      throw startFailure(error, request);
    });
    const { commandId } = command;
    await saveSession({ destination, commandId, state: session.state() });
    return command;
  } catch (error) {
    await session.destroy().catch(() => {});
    throw error;
  }
}
