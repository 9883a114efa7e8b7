import type { RemoteRunnerSession, RunnerCommand } from "@mooring/api";
import { within } from "../../support/deadline.js";
import type { RacePlace } from "../race-place.js";
import type { RaceAttacker } from "../race-result.js";
import { type AttackPrograms, attackPauses } from "./attack-programs.js";

/** An attacker that runs. */
export interface Attack {
  /** How often it has exchanged the two, as far as it has told. */
  readonly swaps: number;
  /** Whether it has ended, by itself as long as nobody asked for it. */
  readonly over: boolean;
  /** Resolves to true when it has done so this often, to false when it ended or stood still before. */
  reached(swaps: number): Promise<boolean>;
  /** Ends it, with the two put back; `swaps` is then how often it did it in all. */
  end(): Promise<void>;
}

/** How long an attacker may take to get ready, to make its next exchange, and to end. */
const patienceMs = 10_000;

/** Starts an attacker, and resolves when it says that it is ready; or to why the place cannot have it. */
export async function startAttack(
  session: RemoteRunnerSession,
  base: string,
  programs: AttackPrograms,
  attacker: RaceAttacker,
  place: RacePlace,
): Promise<Attack | { readonly lacks: string }> {
  const mode = place.shape === "directory-missing" ? "vanish" : "exchange";
  const request = programs.command(attacker, [mode, ...place.pair, place.link ?? "", String(attackPauses[attacker])]);
  if ("lacks" in request) return request;
  const command = await session.commands.start({ ...request, cwd: base, graceMs: patienceMs });
  const progress = follow(command);
  if (!(await progress.reached(0))) {
    await command.cancel({ graceMs: 0 });
    const { stderr } = await command.result();
    throw new Error(`The attacker ${attacker} did not get ready: ${stderr.text()}`);
  }
  return {
    get swaps() {
      return progress.swaps;
    },
    get over() {
      return progress.over;
    },
    reached: (swaps) => progress.reached(swaps),
    async end() {
      await command.cancel({ graceMs: patienceMs });
      await command.result();
      await progress.end;
    },
  };
}

interface Progress {
  readonly swaps: number;
  readonly over: boolean;
  readonly end: Promise<void>;
  reached(swaps: number): Promise<boolean>;
}

/** Reads the numbers that it prints. Before `ready` the count is -1. */
function follow(command: RunnerCommand): Progress {
  let swaps = -1;
  let ended = false;
  let wake: (() => void)[] = [];
  const wakeAll = () => {
    const waiting = wake;
    wake = [];
    for (const resume of waiting) resume();
  };
  const end = (async () => {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const { stream, bytes } of command.output) {
      if (stream !== "stdout") continue;
      const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) swaps = line === "ready" ? Math.max(swaps, 0) : Math.max(swaps, Number(line));
      wakeAll();
    }
  })().finally(() => {
    ended = true;
    wakeAll();
  });
  // Whoever waits for the end hears of it; nobody has to.
  end.catch(() => undefined);
  return {
    get swaps() {
      return swaps;
    },
    get over() {
      return ended;
    },
    end,
    async reached(wanted) {
      while (swaps < wanted) {
        const before = swaps;
        if (ended) return false;
        await within(patienceMs, new Promise<void>((resolve) => void wake.push(resolve)));
        if (swaps === before) return false;
      }
      return true;
    },
  };
}
