import {
  type CheckResult,
  type ConformanceReport,
  listChecks,
  type ProviderFacts,
  summarize,
  verifyProvider,
} from "@mooring/conformance";
import { usageError } from "../cli-error.js";
import { resolveDestination } from "../destinations/resolve-destination.js";
import { exitCodes } from "../exit-codes.js";
import { printJson, printLine } from "../output/write.js";
import { readFacts } from "./read-facts.js";
import { checkLines, summaryLines } from "./verify-text.js";

interface VerifyOptions {
  readonly json?: boolean;
  readonly config?: string;
  readonly group?: readonly string[];
  readonly only?: readonly string[];
  readonly slowness?: string;
  readonly list?: boolean;
  readonly facts?: string;
}

/** Runs the checks against a destination and prints what came out; 1 when any failed. */
export async function verify(destinationText: string, options: VerifyOptions): Promise<number> {
  const selection = selectionOf(options);
  if (options.list === true) {
    const checks = listChecks(selection);
    if (options.json === true) await printJson(checks);
    else for (const { id, promise, title } of checks) await printLine(`${promise.padEnd(4)}${id}  ${title}`);
    return 0;
  }
  const { provider, destination } = await resolveDestination(destinationText, options);
  await provider.validateDestination(destination);
  const verification = verifyProvider(provider, {
    ...(options.facts === undefined ? {} : await readFacts(options.facts)),
    ...selection,
    destination,
  });
  const results: CheckResult[] = [];
  for await (const result of verification) {
    results.push(result);
    if (options.json !== true) await printLine(checkLines(result));
  }
  const report: ConformanceReport = summarize(results, {
    providerId: provider.id,
    destinationId: destination.id,
    capabilities: verification.capabilities,
  });
  if (options.json === true) await printJson(report);
  else await printLine(summaryLines(report));
  return report.failed === 0 ? 0 : exitCodes.failure;
}

function selectionOf(options: VerifyOptions): Omit<ProviderFacts, "destination"> {
  const known = listChecks();
  for (const group of options.group ?? []) {
    if (!known.some((check) => check.group === group)) {
      const groups = [...new Set(known.map((check) => check.group))].join(", ");
      throw usageError(`Expected --group to be one of ${groups}, got \`${group}\``);
    }
  }
  for (const id of options.only ?? []) {
    if (!known.some((check) => check.id === id)) {
      throw usageError(`Expected --only to name a check (mooring verify --list), got \`${id}\``);
    }
  }
  const slowness = options.slowness === undefined ? undefined : Number(options.slowness);
  if (slowness !== undefined && !(slowness >= 1 && slowness <= 1_000)) {
    throw usageError(`Expected --slowness to be a number from 1 to 1000, got \`${String(options.slowness)}\``);
  }
  return {
    ...(options.group === undefined ? {} : { groups: options.group }),
    ...(options.only === undefined ? {} : { only: options.only }),
    ...(slowness === undefined ? {} : { slowness }),
  };
}
