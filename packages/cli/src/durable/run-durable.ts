import { randomUUID } from "node:crypto";
import type { RemoteRunnerSession, RunnerCommand, RunnerCommandRequest } from "@mooring/api";
import { openSession } from "../destinations/open-session.js";
import type { ResolvedDestination } from "../destinations/resolved-destination.js";
import { type ExitOutcome, openFailure, startFailure } from "../exec/exit-outcome.js";
import { printJson, printLine, warnLine } from "../output/write.js";
import { followDurable } from "./follow-durable.js";
import { forgetSession, saveSession } from "./saved-session.js";

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

/** Noted here before it is started: what runs on must be found again, whenever this process is killed. */
async function startSaved(
  session: RemoteRunnerSession,
  request: RunnerCommandRequest,
  destination: string,
): Promise<RunnerCommand> {
  const commandId = request.commandId ?? randomUUID();
  try {
    await saveSession({ destination, commandId, state: session.state() });
    return await session.commands.start({ ...request, commandId }).catch((error: unknown) => {
      throw startFailure(error, request);
    });
  } catch (error) {
    await session.destroy().catch(() => {});
    await forgetSession(session.id);
    throw error;
  }
}
