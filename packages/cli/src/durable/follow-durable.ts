import type { RemoteRunnerSession, RunnerCommand } from "@mooring/api";
import { exitCodes } from "../exit-codes.js";
import { type ExitOutcome, signalNumber } from "../exec/exit-outcome.js";
import { forwardSignals } from "../exec/forward-signals.js";
import { outcome } from "../exec/run-connected.js";
import { forgetSession } from "./saved-session.js";

/**
 * Copies a durable command's output until it has ended, then removes its session. A terminal that is closed (HUP), and a
 * reader that is gone, only let go of it.
 */
export async function followDurable(session: RemoteRunnerSession, command: RunnerCommand): Promise<ExitOutcome> {
  let letGo: (() => void) | undefined;
  const hungUp = new Promise<"hung up">((resolve) => {
    letGo = () => resolve("hung up");
  });
  const signals = forwardSignals(letGo);
  signals.to(command);
  const watched = {
    stdout: command.stdout,
    stderr: command.stderr,
    result: () => command.result(),
    async cancel() {
      letGo?.();
      return { cancelled: false, survivors: [], confirmed: false };
    },
  };
  try {
    const ended = await Promise.race([outcome(watched), hungUp]);
    if (ended === "hung up") {
      await session.detach();
      return { exitCode: exitCodes.signalBase + signalNumber("SIGHUP") };
    }
    if (ended.exitCode === exitCodes.unknown) return ended;
    await session.destroy();
    await forgetSession(session.id);
    return ended;
  } finally {
    signals.stop();
  }
}
