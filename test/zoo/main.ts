import process from "node:process";
import { parseArgs } from "node:util";
import { type SuiteOptions, suites } from "./suites.js";

const usage = `Usage: npm run zoo -- [--long] [--only NAME] [--rounds N] [--operations N] [--kills N] [--seed N]

Measures on this machine what unix-local promises when things go wrong. Exits 1 on any violation.

  --long          25 rounds, 100,000 operations a verb and 500 kills, instead of 10, 10,000 and 50
  --only NAME     one part: ${Object.keys(suites).join(", ")}
  --rounds N      of the process zoo
  --operations N  of the swapper, for each verb
  --kills N       of owners of durable commands
  --seed N        chooses the moments of the kills again`;

const { values } = parseArgs({
  options: {
    long: { type: "boolean", default: false },
    only: { type: "string" },
    rounds: { type: "string" },
    operations: { type: "string" },
    kills: { type: "string" },
    seed: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

process.exitCode = values.help ? help() : await main();

function help(): number {
  print(usage);
  return 0;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<number> {
  const { only, long } = values;
  if (only !== undefined && suites[only] === undefined) {
    print(`Expected \`--only\` to be one of ${Object.keys(suites).join(", ")}, got ${only}`);
    return 2;
  }
  const options: SuiteOptions = { long, print, ...numbers() };
  const closing: string[] = [];
  let violations = 0;
  for (const [name, run] of Object.entries(suites)) {
    if (only !== undefined && only !== name) continue;
    const outcome = await run(options);
    for (const violation of outcome.violations) print(`  violation: ${violation}`);
    violations += outcome.violations.length;
    // The process zoo is what the command is called by.
    closing.push(`${name === "processes" ? "zoo" : name}: ${outcome.figures}`);
  }
  print(closing.join("; "));
  return violations === 0 ? 0 : 1;
}

function numbers(): Pick<SuiteOptions, "rounds" | "operations" | "kills" | "seed"> {
  const given: Record<string, number> = {};
  for (const name of ["rounds", "operations", "kills", "seed"] as const) {
    const text = values[name];
    if (text === undefined) continue;
    if (!/^\d+$/.test(text)) throw new Error(`Expected \`--${name}\` to be a whole number, got ${text}`);
    given[name] = Number(text);
  }
  return given;
}
