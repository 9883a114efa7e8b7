import type { RemoteRunnerSession, RunnerCommandRequest } from "@mooring/api";
import type { RaceAttacker } from "../race-result.js";
import { cSource } from "./c-source.js";
import { perlSource } from "./perl-source.js";
import { shellSource } from "./shell-source.js";

/** Arguments of an attack: `exchange` or `vanish`, two names, what the link says, the pause in microseconds. */
export type AttackArguments = readonly [mode: string, one: string, other: string, link: string, pause: string];

/** How the place's commands run an attack; or why they cannot. */
export interface AttackPrograms {
  command(attacker: RaceAttacker, given: AttackArguments): RunnerCommandRequest | { readonly lacks: string };
}

/**
 * Finds what the place has: Perl, else a C compiler, whose program is put into `directory`; a shell for the slow one.
 * `directory` is absolute.
 */
export async function attackPrograms(session: RemoteRunnerSession, directory: string): Promise<AttackPrograms> {
  const fast = await fastProgram(session, directory);
  return {
    command(attacker, given) {
      if (attacker === "shell") return { program: "sh", args: ["-c", shellSource, "attack", ...given] };
      if (fast === undefined) return { lacks: "the place has neither perl nor cc" };
      return { program: fast[0] as string, args: [...fast.slice(1), ...given] };
    },
  };
}

async function fastProgram(session: RemoteRunnerSession, directory: string): Promise<readonly string[] | undefined> {
  const has = async (program: string) => {
    const { exit } = await session.commands.run({ script: `command -v ${program}`, timeoutMs: 15_000 });
    return exit.kind === "code" && exit.code === 0;
  };
  if (await has("perl")) return ["perl", "-e", perlSource];
  if (!(await has("cc"))) return undefined;
  const program = `${directory}/attack`;
  await session.files.write(`${program}.c`, cSource);
  const { exit } = await session.commands.run({
    program: "cc",
    args: ["-O2", "-o", program, `${program}.c`],
    timeoutMs: 60_000,
  });
  return exit.kind === "code" && exit.code === 0 ? [program] : undefined;
}

/** How long an attacker pauses after each exchange, in microseconds. */
export const attackPauses: Readonly<Record<RaceAttacker, number>> = {
  tight: 0,
  "paced-100us": 100,
  "paced-5ms": 5_000,
  shell: 0,
};

/**
 * How often at least an attacker must have done it while so many operations run; they wait for it. On a busy machine a
 * whole race can fit into a moment in which the attacker does not run, and would then prove nothing.
 */
export function leastSwaps(attacker: RaceAttacker, operations: number): number {
  if (attacker === "tight") return Math.max(operations, 4);
  return attacker === "paced-100us" ? Math.max(Math.ceil(operations / 8), 4) : 4;
}
