import { killDurableOwners, type ProcessZooReport, runProcessZoo, endingLimitMs } from "@mooring/conformance/zoo";
import { localPlace } from "../support/local-place.js";
import { runSwapper } from "../swapper/run-swapper.js";

/** One part of `npm run zoo`: its closing words, and what is wrong. */
export interface SuiteOutcome {
  readonly figures: string;
  readonly violations: readonly string[];
}

export interface SuiteOptions {
  readonly long: boolean;
  readonly print: (line: string) => void;
  readonly rounds?: number;
  readonly kills?: number;
  readonly operations?: number;
  readonly seed?: number;
}

/** In the order in which they run. */
export const suites: Readonly<Record<string, (options: SuiteOptions) => Promise<SuiteOutcome>>> = {
  processes: runProcesses,
  swapper: runSwapperSuite,
  durable: runDurable,
};

async function runProcesses({ long, print, rounds = long ? 25 : 10 }: SuiteOptions): Promise<SuiteOutcome> {
  await using place = await localPlace();
  const { provider, destination, facts } = place;
  print(`The process zoo: ${rounds} rounds of each ending`);
  const report = await runProcessZoo(
    provider,
    { destination, ...facts },
    { rounds, print: (line) => print(`  ${line}`) },
  );
  printCells(report, print);
  const [p99, lostP99] = [report.p99Ms, report.lostOwnerP99Ms].map(Math.round) as [number, number];
  const late = [
    ...(p99 > endingLimitMs ? [`expected a p99 of at most ${endingLimitMs} ms, got ${p99}`] : []),
    ...(lostP99 > report.lostOwnerLimitMs
      ? [`expected a p99 of at most ${report.lostOwnerLimitMs} ms for a lost owner, got ${lostP99}`]
      : []),
  ];
  const survivors = report.survivors > 0 ? [`${report.survivors} survivors`] : [];
  return {
    figures: `${report.endings} endings, ${report.survivors} survivors, p99 ${p99} ms (lost owner ${lostP99} ms)`,
    // A part that was not measured is not passed: on this machine every fact is known.
    violations: [...survivors, ...late, ...report.violations, ...report.skipped],
  };
}

function printCells({ cells }: ProcessZooReport, print: (line: string) => void): void {
  const kinds = [...new Set(cells.map(({ kind }) => kind))];
  print(`  survivors / p99 ms  ${kinds.map((kind) => kind.padStart(18)).join("")}`);
  for (const ending of new Set(cells.map((cell) => cell.ending))) {
    const row = kinds.map((kind) => {
      const cell = cells.find((one) => one.ending === ending && one.kind === kind);
      return (cell === undefined ? "-" : `${cell.survivors} / ${Math.round(cell.p99Ms)}`).padStart(18);
    });
    print(`  ${ending.padEnd(20)}${row.join("")}`);
  }
}

async function runSwapperSuite({ long, print, operations }: SuiteOptions): Promise<SuiteOutcome> {
  print("The swapper");
  const totals = await runSwapper({
    long,
    print: (line) => print(`  ${line}`),
    ...(operations === undefined ? {} : { operations }),
  });
  const success = Math.floor(totals.lowestSuccess * 100);
  return {
    figures: `${totals.operations.toLocaleString("en")} operations over ${totals.verbs} verbs, ${totals.escapes} escapes, at least ${success} % succeeded`,
    violations: totals.faults,
  };
}

async function runDurable({ long, print, kills = long ? 500 : 50, seed }: SuiteOptions): Promise<SuiteOutcome> {
  await using place = await localPlace();
  const { provider, destination, facts } = place;
  print(`Durable commands: ${kills} kills of their owners`);
  const report = await killDurableOwners(
    provider,
    { destination, ...facts },
    { kills, print: (line) => print(`  ${line}`), ...(seed === undefined ? {} : { seed }) },
  );
  const moments = Object.entries(report.killsByMoment).map(([moment, count]) => `${count} ${moment}`);
  print(
    `  seed ${report.seed}; kills: ${moments.join(", ")}; ${report.neverStarted} of them before anything was started`,
  );
  const { lostBytes, doubledBytes, exitsUnknown } = report;
  const bad = lostBytes + doubledBytes + exitsUnknown > 0 ? ["bytes or exits were not what they must be"] : [];
  return {
    figures: `${report.kills} kills, ${report.commands} commands, ${report.bytes.toLocaleString("en")} bytes, ${lostBytes} bytes lost, ${doubledBytes} doubled, ${exitsUnknown} exits unknown`,
    violations: [...bad, ...report.violations, ...(report.skipped === undefined ? [] : [report.skipped])],
  };
}
