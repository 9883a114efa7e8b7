import { existsSync } from "node:fs";
import type { Contender } from "../contender.js";
import { interleaved, type Summary } from "../statistics.js";

/** One short command after another, to its end with its output. */
export async function commandCases(
  contenders: readonly Contender[],
  rounds: number,
): Promise<Record<string, Record<string, Summary>>> {
  const truePath = ["/bin/true", "/usr/bin/true"].find((path) => existsSync(path)) ?? "true";
  return {
    "command `true`": await interleaved(
      works(contenders, (contender) => contender.run(truePath, [])),
      rounds,
    ),
    "command `sh -c 'echo hi'`": await interleaved(
      works(contenders, async (contender) => {
        const output = await contender.run("/bin/sh", ["-c", "echo hi"]);
        if (output.trim() !== "hi") throw new Error(`${contender.name} printed ${output}`);
      }),
      rounds,
    ),
  };
}

export function works(
  contenders: readonly Contender[],
  work: (contender: Contender) => Promise<unknown>,
): Record<string, () => Promise<unknown>> {
  return Object.fromEntries(contenders.map((contender) => [contender.name, () => work(contender)]));
}
