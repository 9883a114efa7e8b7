import { seededRandom } from "../random.js";
import { Findings } from "../findings.js";
import type { SuiteOptions } from "../suite.js";
import { faultPlace, type FaultRun } from "./fault-place.js";
import { fullDisk } from "./full-disk.js";
import { halfOpen } from "./half-open.js";
import { killedMidCommand } from "./killed-mid-command.js";
import { killedMidTransfer } from "./killed-mid-transfer.js";
import { refusals } from "./refusals.js";
import { resets } from "./resets.js";
import { serverRestarted } from "./server-restarted.js";

/** By name, in the order in which they run. Some tell more than their findings do. */
export const faults = {
  "killed-mid-command": killedMidCommand,
  "killed-mid-transfer": killedMidTransfer,
  "half-open": halfOpen,
  "server-restarted": serverRestarted,
  "full-disk": fullDisk,
  refusals,
  async resets(run: FaultRun): Promise<string> {
    const { offsets, transcriptBytes } = await resets(run);
    return `${offsets} offsets of a transcript of ${transcriptBytes} bytes`;
  },
} as const satisfies Record<string, (run: FaultRun) => Promise<string | void>>;

export type FaultName = keyof typeof faults;

/** Tries one fault at a place of its own, and looks what it left behind. */
export async function tryFault(
  name: FaultName,
  options: Pick<SuiteOptions, "isLong" | "seed"> & { readonly rounds: number },
): Promise<{ readonly findings: Findings; readonly note: string | undefined }> {
  await using place = await faultPlace();
  const findings = new Findings();
  const { isLong, rounds, seed } = options;
  const note = await faults[name]({ place, findings, rounds, isLong, random: seededRandom(seed) });
  await place.noteLeftovers(findings);
  return { findings, note: note ?? undefined };
}
