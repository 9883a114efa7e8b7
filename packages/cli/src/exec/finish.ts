import { printable } from "../output/printable.js";
import { warnLine } from "../output/write.js";
import type { ExitOutcome } from "./exit-outcome.js";

/** Says what there is to say, and gives the exit code. */
export async function finish(outcome: ExitOutcome): Promise<number> {
  if (outcome.message !== undefined) await warnLine(`mooring: ${printable(outcome.message)}`);
  return outcome.exitCode;
}
