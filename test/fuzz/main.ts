import { randomInt } from "node:crypto";
import process from "node:process";
import { parseArgs } from "node:util";
import { keepInput } from "./engine/corpus.js";
import { fuzz, type FuzzReport } from "./engine/fuzz-loop.js";
import type { FuzzTarget } from "./engine/fuzz-target.js";
import { leastCorpus } from "./engine/least-corpus.js";
import { Watchdog } from "./engine/watchdog.js";
import { fuzzTargets } from "./targets.js";

const defaultMinutes = 1;
const longMinutes = 30;
/** An input that runs on for so long has no end. */
const hangMs = 20_000;

const usage = `npm run fuzz -- [--minutes N] [--long] [--target NAME]... [--seed N] [--keep]

  --minutes N    how long, for all targets together (${defaultMinutes})
  --long         ${longMinutes} minutes
  --target NAME  only this one; may be given more than once
  --seed N       the same inputs as a run with that seed, where nothing but the seed decides
  --keep         writes what was found and reaches further to test/fuzz/corpus

Targets: ${fuzzTargets.map(({ name }) => name).join(", ")}`;

process.exitCode = await main();

async function main(): Promise<number> {
  const chosen = readOptions();
  if (typeof chosen === "string") {
    process.stderr.write(`${chosen}\n`);
    return 2;
  }
  const { targets, seed, milliseconds, keep } = chosen;
  print(`seed ${seed}`);
  const startedAt = performance.now();
  const totals = { inputs: 0, failures: 0, slowestMs: 0 };
  await using watchdog = new Watchdog(hangMs);
  for (const [index, target] of targets.entries()) {
    const left = milliseconds - (performance.now() - startedAt);
    const share = Math.max(100, left / (targets.length - index));
    const report = await fuzz(target, { seed, milliseconds: share, guided: true, watchdog });
    totals.inputs += report.inputs;
    totals.slowestMs = Math.max(totals.slowestMs, report.slowestMs);
    printReport(target, report);
    if (report.failure !== undefined) {
      totals.failures++;
      printFailure(target, report.failure);
    } else if (keep) await keepFound(target, report);
  }
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
  print(
    `${totals.inputs} inputs over ${targets.length} targets in ${seconds} s, ${totals.failures} failures, slowest ${totals.slowestMs.toFixed(1)} ms`,
  );
  return totals.failures === 0 ? 0 : 1;
}

interface Chosen {
  readonly targets: readonly FuzzTarget[];
  readonly seed: number;
  readonly milliseconds: number;
  readonly keep: boolean;
}

/** What was asked for, or what to say instead. */
function readOptions(): Chosen | string {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string" },
      long: { type: "boolean", default: false },
      target: { type: "string", multiple: true },
      seed: { type: "string" },
      keep: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return usage;
  const minutes = Number(values.minutes ?? (values.long ? longMinutes : defaultMinutes));
  if (!(minutes > 0)) return `Expected --minutes to be a number above 0, got \`${values.minutes}\``;
  const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
  if (!Number.isSafeInteger(seed)) return `Expected --seed to be a whole number, got \`${values.seed}\``;
  const unknown = values.target?.find((name) => !fuzzTargets.some((target) => target.name === name));
  if (unknown !== undefined) return `Expected --target to be a target, got \`${unknown}\`\n\n${usage}`;
  const targets = fuzzTargets.filter(({ name }) => values.target?.includes(name) ?? true);
  return { targets, seed, milliseconds: minutes * 60_000, keep: values.keep };
}

function printReport({ name }: FuzzTarget, { inputs, corpus, found, slowestMs }: FuzzReport): void {
  print(`${name}: ${inputs} inputs, corpus ${corpus.length} (${found.length} new), slowest ${slowestMs.toFixed(1)} ms`);
}

function printFailure(target: FuzzTarget, { input, error }: NonNullable<FuzzReport["failure"]>): void {
  const file = keepInput(target.name, "failure", input);
  print(`${target.name} FAILED: ${error.stack ?? error.message}`);
  print(`${target.name} fails with ${file}: ${JSON.stringify(input.subarray(0, 400).toString("latin1"))}`);
}

async function keepFound(target: FuzzTarget, { found }: FuzzReport): Promise<void> {
  for (const input of await leastCorpus(target, found))
    print(`${target.name}: kept ${keepInput(target.name, "kept", input)}`);
}

function print(line: string): void {
  process.stdout.write(`fuzz: ${line}\n`);
}
