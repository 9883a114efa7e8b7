import type { NewUser, Step } from "./new-user.js";

/** From the command to the end of what it printed. */
export interface FirstProvider {
  readonly base: string;
  readonly steps: readonly Step[];
  readonly isGreen: boolean;
  readonly durationMs: number;
  /** Of the tests that were run, by vitest's own count. */
  readonly passed: number;
  readonly skipped: number;
}

/**
 * Makes a provider over a base as a new user would, and then does what was printed, as it was printed. Stops at the first
 * command that fails.
 *
 * @param instead replaces a printed command by another, to do less of it
 */
export async function firstProvider(
  user: NewUser,
  base: string,
  instead: Readonly<Record<string, string>> = {},
): Promise<FirstProvider> {
  user.home();
  const steps = [await user.type(`npm create @mooring/provider my-${base} -- --base ${base} --yes`)];
  for (const command of printedCommands(steps[0]?.output ?? "")) {
    if (steps.at(-1)?.exitCode !== 0) break;
    steps.push(await user.type(instead[command] ?? command));
  }
  const [, passed = "0"] = /Tests .*?(\d+) passed/.exec(steps.at(-1)?.output ?? "") ?? [];
  const [, skipped = "0"] = /Tests .*?(\d+) skipped/.exec(steps.at(-1)?.output ?? "") ?? [];
  return {
    base,
    steps,
    isGreen: steps.every(({ exitCode }) => exitCode === 0) && Number(passed) > 0,
    durationMs: steps.reduce((sum, { durationMs }) => sum + durationMs, 0),
    passed: Number(passed),
    skipped: Number(skipped),
  };
}

/** The indented lines under "Next:". */
function printedCommands(output: string): readonly string[] {
  const [, block = ""] = /Next:\n\n((?: {2}\S.*\n)+)/.exec(output) ?? [];
  return block.split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));
}

/** One line for people. */
export function described({ base, steps, isGreen, durationMs, passed, skipped }: FirstProvider): string {
  const times = steps.map(
    ({ command, durationMs: took }) => `${command.split(" ").slice(0, 2).join(" ")} ${seconds(took)}`,
  );
  const counts = `${passed} tests passed, ${skipped} skipped`;
  return `${base}: ${isGreen ? "green" : "NOT GREEN"} after ${seconds(durationMs)} (${times.join(", ")}); ${counts}`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
