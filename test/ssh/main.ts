// npm run ssh: what holds over SSH, on real servers that it starts itself.
import process from "node:process";
import { parseArgs } from "node:util";
import { availableTools } from "../../scripts/far-side-tools.mjs";
import { suites } from "./suites.js";

const usage = `Usage: npm run ssh -- [--long] [--only NAME]... [--seed N]

Starts OpenSSH servers on loopback with accounts of their own, and tries what \`@mooring/ssh\` promises. Needs root, and
exits 1 on any violation.

  --long       the whole kit on every account, 200 rounds of each fault, resets at every byte, 200 sessions at once
  --only NAME  one part: ${Object.keys(suites).join(", ")}
  --seed N     chooses the moments of the faults again`;

const { values } = parseArgs({
  options: {
    long: { type: "boolean", default: false },
    only: { type: "string", multiple: true },
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
  const chosen = values.only ?? Object.keys(suites);
  const unknown = chosen.filter((name) => suites[name] === undefined);
  if (unknown.length > 0) {
    print(`Expected \`--only\` to be one of ${Object.keys(suites).join(", ")}, got ${unknown.join(", ")}`);
    return 2;
  }
  const missing = ["sshd", "root", "busybox"].filter((tool) => !availableTools().includes(tool));
  if (missing.length > 0) {
    print(`ssh: not available here: ${missing.join(", ")}`);
    return 2;
  }
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  print(`seed: ${seed}`);
  const closing: string[] = [];
  let violations = 0;
  for (const name of chosen) {
    const outcome = await suites[name]?.({ isLong: values.long, seed, print });
    if (outcome === undefined) continue;
    for (const violation of outcome.findings.violations) print(`  violation: ${violation}`);
    violations += outcome.findings.violations.length;
    closing.push(`${name}: ${outcome.figures}`);
  }
  print(`ssh: ${closing.join("; ")}; ${violations} violations`);
  return violations === 0 ? 0 : 1;
}
