import type { RemoteRunnerProvider } from "@mooring/api";
import { afterAll, describe, test } from "vitest";
import type { CheckResult } from "./check-result.js";
import type { ProviderFacts } from "./provider-facts.js";
import { selectChecks, verifyProvider } from "./verify-provider.js";

/** One test for each check, in one run that shares a session. A skipped check is a skipped test with its reason. */
export function describeProvider<Config>(
  name: string,
  provider: RemoteRunnerProvider<Config>,
  facts: ProviderFacts<Config>,
): void {
  describe(name, () => {
    const run = verifyProvider(provider, facts)[Symbol.asyncIterator]();
    const results = new Map<string, CheckResult>();

    async function resultOf(id: string): Promise<CheckResult> {
      while (true) {
        const known = results.get(id);
        if (known !== undefined) return known;
        const next = await run.next();
        if (next.done === true) throw new Error(`The run ended without ${id}`);
        results.set(next.value.id, next.value);
      }
    }

    for (const check of selectChecks(facts)) {
      const deadlineMs = Math.max(check.deadlineMs ?? 0, facts.deadlineMs ?? 20_000);
      // Cleaning up has deadlines of its own, and a filtered run works off the checks before this one.
      test(`${check.id}: ${check.title}`, { timeout: deadlineMs * (facts.slowness ?? 1) + 60_000 }, async (context) => {
        const result = await resultOf(check.id);
        if (result.status === "skipped") context.skip(result.reason);
        if (result.status === "passed") return;
        const evidence = result.evidence.map(({ asked, came }) => `  ${asked}: ${came}`);
        throw new Error([result.reason ?? "failed", ...evidence].join("\n"));
      });
    }

    afterAll(async () => {
      await run.return?.();
    });
  });
}
