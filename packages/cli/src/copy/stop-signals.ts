import { constants } from "node:os";
import { CliError } from "../cli-error.js";
import { exitCodes } from "../exit-codes.js";

/** Turns the signals that end a process into an abort, so that what is under way is cleaned up first. */
export function stopSignals(): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const listener = (name: NodeJS.Signals): void => {
    controller.abort(
      new CliError(`Stopped by ${name}`, {
        code: "cancelled",
        exitCode: exitCodes.signalBase + constants.signals[name],
      }),
    );
  };
  for (const name of names) process.on(name, listener);
  return {
    signal: controller.signal,
    release() {
      for (const name of names) process.off(name, listener);
    },
  };
}
