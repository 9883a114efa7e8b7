import { type FaultName, faults, tryFault } from "./faults/all-faults.js";
import { Findings } from "./findings.js";
import { runHostile } from "./hostile/run-hostile.js";
import { groupsPerChange, runKit } from "./kit/run-kit.js";
import { type SshPlaceName, sshPlaces } from "./kit/ssh-places.js";
import { tryLoad } from "./load/load.js";
import type { Suite, SuiteOptions, SuiteOutcome } from "./suite.js";

/** The parts of `npm run ssh`, in the order in which they run. */
export const suites: Readonly<Record<string, Suite>> = { kit, load, faults: faultSuite, hostile };

async function kit({ isLong, print }: SuiteOptions): Promise<SuiteOutcome> {
  const findings = new Findings();
  const counts: string[] = [];
  for (const name of Object.keys(sshPlaces) as SshPlaceName[]) {
    const groups = isLong ? undefined : groupsPerChange[name];
    const outcome = await runKit(name, groups, ({ status, id, reason }) => {
      if (status !== "passed") print(`  ${status} ${id}: ${reason ?? ""}`);
    });
    const line = `${name} ${outcome.passed} passed, ${outcome.findings.violations.length} failed, ${outcome.skipped.length} skipped`;
    print(`kit: ${line}`);
    counts.push(line);
    findings.add(outcome.findings);
  }
  return { findings, figures: counts.join(", ") };
}

async function load({ isLong, print }: SuiteOptions): Promise<SuiteOutcome> {
  const counts = isLong
    ? { sessions: 200, commands: 100, sequential: 1_000 }
    : { sessions: 60, commands: 100, sequential: 60 };
  const { findings, sessionsMs, commandsMs, sequentialMs, descriptorsMore } = await tryLoad(counts);
  const figures = [
    `${counts.sessions} sessions at once in ${sessionsMs} ms`,
    `${counts.commands} commands at once in ${commandsMs} ms`,
    `${counts.sequential} in turn in ${sequentialMs} ms, ${Math.max(0, descriptorsMore)} descriptors more`,
  ].join(", ");
  print(`load: ${figures}, ${findings.violations.length} errors`);
  return { findings, figures };
}

async function faultSuite({ isLong, seed, print }: SuiteOptions): Promise<SuiteOutcome> {
  const findings = new Findings();
  const rounds = isLong ? 200 : 20;
  for (const name of Object.keys(faults) as FaultName[]) {
    const tried = await tryFault(name, { isLong, seed, rounds });
    const { rounds: done, slowestMs, violations } = tried.findings;
    const note = tried.note === undefined ? "" : `, ${tried.note}`;
    print(
      `fault ${name}: ${done} rounds${note}, slowest call ${Math.round(slowestMs)} ms, ${violations.length} violations`,
    );
    findings.add(tried.findings);
  }
  return { findings, figures: `${findings.rounds} faults, ${findings.calls} calls` };
}

async function hostile({ print }: SuiteOptions): Promise<SuiteOutcome> {
  const { findings, results, mostGrownBytes } = await runHostile(undefined, ({ name, violations, slowestMs }) => {
    if (violations.length > 0)
      print(`  hostile ${name}: ${violations.length} violations, slowest call ${slowestMs} ms`);
  });
  const figures = `${results.length} hostile servers, ${findings.calls} calls, memory grew by ${Math.ceil(mostGrownBytes / 1_048_576)} MiB at most`;
  print(`hostile: ${figures}, ${findings.violations.length} violations`);
  return { findings, figures };
}
