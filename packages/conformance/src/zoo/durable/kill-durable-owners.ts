import { randomBytes } from "node:crypto";
import type { RemoteRunnerProvider, RunnerCapabilities } from "@mooring/api";
import type { ProviderFacts } from "../../provider-facts.js";
import { within } from "../../support/deadline.js";
import { seededRandom } from "../random.js";
import { Chain } from "./chain.js";
import { type DurableKillsReport, noKillsYet } from "./durable-report.js";

/** How many owners are killed, and when. */
export interface DurableKillsOptions {
  /** @default 50 */
  readonly kills?: number;
  /** @default a random one, which the report tells */
  readonly seed?: number;
  /** How many commands are kept at once. @default 3 */
  readonly atOnce?: number;
  /** Hears of progress, a line at a time. */
  readonly print?: (line: string) => void;
}

const killsOfChain = 12;

/**
 * Owners of durable commands are killed at random moments: while they start one, resume its session, attach and read. Each next one
 * resumes with the stored state and goes on at the last cursors that were acknowledged. In the end every byte must have come exactly
 * once, and the exit must be known. Needs the fact `owner`, and files to be writable.
 */
export async function killDurableOwners<Config>(
  provider: RemoteRunnerProvider<Config>,
  facts: ProviderFacts<Config>,
  options: DurableKillsOptions = {},
): Promise<DurableKillsReport> {
  const { kills = 50, seed = randomBytes(4).readUInt32LE(), atOnce = 3, print } = options;
  const report = noKillsYet(seed);
  if (facts.owner === undefined) return { ...report, skipped: "the facts say nothing of `owner`" };
  const slowness = facts.slowness ?? 1;
  const run = `durable-${randomBytes(4).toString("hex")}`;
  const labels = { ...facts.options?.labels, "mooring-zoo": run };
  const sessionOptions = { ...facts.options, labels };
  const home = await provider.createSession(facts.destination, sessionOptions);
  try {
    const reason = reasonToSkip(home.capabilities);
    if (reason !== undefined) return { ...report, skipped: reason };
    const planned: { name: string; kills: number; random: () => number }[] = [];
    for (let left = kills; left > 0; left -= killsOfChain) {
      const name = `${run}-${planned.length}`;
      planned.push({ name, kills: Math.min(left, killsOfChain), random: seededRandom(seed + planned.length) });
    }
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (let next = planned.shift(); next !== undefined; next = planned.shift()) {
          const parts = { ...next, facts: facts as ProviderFacts, sessionOptions, home, report, slowness };
          await runChain(parts);
          print?.(`${report.kills} of ${kills} kills, ${report.commands} commands, ${report.bytes} bytes`);
        }
      }),
    );
    return report;
  } finally {
    await within(20_000 * slowness, Promise.allSettled([home.destroy()]));
    await within(20_000 * slowness, Promise.allSettled([provider.reap?.(facts.destination, { labels })]));
  }
}

async function runChain(options: ConstructorParameters<typeof Chain>[0]): Promise<void> {
  const chain = new Chain(options);
  try {
    await chain.run();
  } catch (error) {
    options.report.violations.push(`${options.name}: ${String(error)}`);
  } finally {
    await chain.close();
  }
}

function reasonToSkip({ commands, files, lifecycle }: RunnerCapabilities): string | undefined {
  if (commands.durable !== "journal") return `commands.durable is ${commands.durable}`;
  if (files.access !== "read-write") return `files.access is ${files.access}`;
  if (lifecycle.detach !== "running") return `lifecycle.detach is ${lifecycle.detach}`;
  return undefined;
}
