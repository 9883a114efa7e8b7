import { groupOf } from "./checks/all-checks.js";
import type { ProviderFacts } from "./provider-facts.js";
import { selectChecks } from "./verify-provider.js";

/** A check by name, before it is run. */
export interface CheckDescription {
  readonly id: string;
  readonly group: string;
  /** A sentence that says what a pass proves. */
  readonly title: string;
}

/** The checks that `verifyProvider` would run for these facts, in their order. */
export function listChecks(facts: Pick<ProviderFacts, "groups" | "only"> = {}): readonly CheckDescription[] {
  return selectChecks(facts).map(({ id, title }) => ({ id, group: groupOf(id), title }));
}
