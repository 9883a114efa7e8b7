import type { RemoteRunnerProvider, RunnerDestination } from "@mooring/api";
import { ssh, type SshConfig } from "@mooring/ssh";
import { destinationFor } from "../destinations.js";
import { descriptorCount, noteLeftovers } from "../leftovers.js";
import type { Findings } from "../findings.js";
import { type Login, Testbed } from "../../support/sshd/testbed.js";

/** A stock server with an ordinary account, and what looks whether a fault left anything behind there or here. */
export interface FaultPlace extends AsyncDisposable {
  readonly bed: Testbed;
  readonly login: Login;
  readonly provider: RemoteRunnerProvider<SshConfig>;
  readonly destination: (overrides?: Partial<SshConfig>) => RunnerDestination<SshConfig>;
  /** To be called when every session is over. */
  noteLeftovers(findings: Findings): Promise<void>;
}

export async function faultPlace(): Promise<FaultPlace> {
  const bed = await Testbed.start();
  try {
    const login = await bed.login({ kind: "user" });
    const descriptorsBefore = descriptorCount();
    return {
      bed,
      login,
      // Not kept for long, so that what is left behind can be told from what is kept.
      provider: ssh({ idleConnectionMs: 200 }),
      destination: (overrides) => destinationFor(bed.sshd, login, overrides),
      noteLeftovers: (findings) => noteLeftovers(findings, { sshd: bed.sshd, login, descriptorsBefore }),
      [Symbol.asyncDispose]: () => bed[Symbol.asyncDispose](),
    };
  } catch (error) {
    await bed[Symbol.asyncDispose]();
    throw error;
  }
}

/** How a fault is tried: so many times, at moments that its seed chooses. */
export interface FaultRun {
  readonly place: FaultPlace;
  readonly findings: Findings;
  readonly rounds: number;
  readonly random: () => number;
  readonly isLong: boolean;
}

/** In milliseconds: what a call over loopback may take on a busy machine before it counts as one that hangs. */
export const callMs = 20_000;
