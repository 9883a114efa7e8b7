import type { RemoteRunnerProvider, RemoteRunnerSession, RunnerCapabilities } from "@mooring/api";
import type { Check } from "./check.js";
import { CheckContext } from "./check-context.js";
import type { CheckResult } from "./check-result.js";
import { allChecks, groupOf } from "./checks/all-checks.js";
import type { ProviderFacts } from "./provider-facts.js";
import { SessionPool } from "./session-pool.js";
import { promiseOf } from "./specification/promises.js";
import { CheckFailure, CheckSkip } from "./support/check-failure.js";
import { within } from "./support/deadline.js";
import { EvidenceLog } from "./support/evidence.js";
import type { ToolName } from "./support/tools.js";

/** A run of the checks: iterate it once for the results, one by one as they come. */
export interface Verification extends AsyncIterable<CheckResult> {
  /** What the session that was checked claims; `undefined` until the first result. */
  readonly capabilities: RunnerCapabilities | undefined;
}

/** The checks that facts select, with their ids and titles. */
export function selectChecks(facts: Pick<ProviderFacts, "groups" | "only"> = {}): readonly Check[] {
  const { groups, only } = facts;
  return allChecks.filter(
    ({ id }) => (groups === undefined || groups.includes(groupOf(id))) && (only === undefined || only.includes(id)),
  );
}

/**
 * Measures what a provider really does, through the contract only and with no test runner. Every check ends within
 * its deadline; one that does not settle has failed. A check is skipped only with a reason: a capability that is not
 * claimed, whose refusal another check proves, or a program that the place lacks.
 */
export function verifyProvider<Config>(
  provider: RemoteRunnerProvider<Config>,
  facts: ProviderFacts<Config>,
): Verification {
  let capabilities: RunnerCapabilities | undefined;
  // The checks hand the configuration back as it came and never look into it.
  const pool = new SessionPool(provider as RemoteRunnerProvider, facts as ProviderFacts);

  async function* results(): AsyncGenerator<CheckResult> {
    try {
      for (const check of selectChecks(facts)) {
        yield await runCheck(check, pool, facts as ProviderFacts, (session) => {
          capabilities ??= session.capabilities;
        });
      }
    } finally {
      await pool.discard();
    }
  }

  return {
    get capabilities() {
      return capabilities;
    },
    [Symbol.asyncIterator]: results,
  };
}

async function runCheck(
  check: Check,
  pool: SessionPool,
  facts: ProviderFacts,
  onSession: (session: RemoteRunnerSession) => void,
): Promise<CheckResult> {
  const started = performance.now();
  const evidence = new EvidenceLog();
  const slowness = facts.slowness ?? 1;
  const deadlineMs = Math.max(check.deadlineMs ?? 0, facts.deadlineMs ?? 20_000) * slowness;

  function result(status: CheckResult["status"], reason?: string): CheckResult {
    return {
      id: check.id,
      group: groupOf(check.id),
      promise: promiseOf(check.id).id,
      title: check.title,
      status,
      ...(reason === undefined ? {} : { reason: evidence.clean(reason) }),
      evidence: evidence.entries,
      durationMs: Math.round(performance.now() - started),
    };
  }

  let context: CheckContext | undefined;
  try {
    const prepared = await within(deadlineMs, prepare());
    if (prepared === "late") return await hung("no session was opened");
    const { session, tools } = prepared.value;
    onSession(session);
    const skip = reasonToSkip(check, facts, session, tools);
    if (skip !== undefined) return result("skipped", skip);
    context = new CheckContext({ pool, session, tools, evidence, facts, slowness });
    if ((await within(deadlineMs, check.run(context))) === "late") return await hung("did not settle");
    return result("passed");
  } catch (error) {
    if (error instanceof CheckSkip) return result("skipped", error.message);
    if (error instanceof CheckFailure) return result("failed", error.message);
    evidence.add("the check to run to its end", error);
    return result("failed", `something else was thrown: ${evidence.entries.at(-1)?.came ?? ""}`);
  } finally {
    await context?.cleanUp();
  }

  async function prepare(): Promise<{
    session: RemoteRunnerSession;
    tools: ReadonlySet<ToolName>;
  }> {
    const session = await pool.shared();
    return { session, tools: await pool.tools() };
  }

  async function hung(what: string): Promise<CheckResult> {
    const failed = result("failed", `${what} within ${deadlineMs} ms`);
    await pool.discard();
    return failed;
  }
}

function reasonToSkip(
  check: Check,
  facts: ProviderFacts,
  session: RemoteRunnerSession,
  tools: ReadonlySet<ToolName>,
): string | undefined {
  const reason = check.needs?.(session.capabilities);
  if (reason !== undefined) return reason;
  if (check.needsFact !== undefined && facts[check.needsFact] === undefined) {
    return `the facts say nothing of \`${check.needsFact}\``;
  }
  const missing = (check.tools ?? []).filter((tool) => !tools.has(tool));
  return missing.length === 0 ? undefined : `the place has no ${missing.join(", ")}`;
}
