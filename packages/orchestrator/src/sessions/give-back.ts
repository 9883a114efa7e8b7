import { RunnerError, type RemoteRunnerSession } from "@mooring/api";

/** Ends a session that cannot be used after all, and rejects with why; with both causes when the ending fails too. */
export async function giveBack(
  session: RemoteRunnerSession,
  ending: "detach" | "destroy",
  cause: unknown,
): Promise<never> {
  try {
    if (ending === "detach" && session.capabilities.lifecycle.detach === "none") await session.close();
    else await session[ending]();
  } catch (error) {
    throw new RunnerError("internal", `The session "${session.id}" could not be recorded, nor ended afterwards`, {
      resource: "session",
      cause: new AggregateError([cause, error]),
    });
  }
  throw cause;
}
