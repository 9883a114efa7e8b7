import { groupOf } from "./checks/all-checks.js";
import type { ProviderFacts } from "./provider-facts.js";
import { promiseOf } from "./specification/promises.js";
import { selectChecks } from "./verify-provider.js";

/** A check by name, before it is run. */
export interface CheckDescription {
  readonly id: string;
  readonly group: string;
  /** The promise of the specification that it holds, such as `P23`. */
  readonly promise: string;
  /** A sentence that says what a pass proves. */
  readonly title: string;
}

/** The checks that `verifyProvider` would run for these facts, in their order. */
export function listChecks(facts: Pick<ProviderFacts, "groups" | "only"> = {}): readonly CheckDescription[] {
  return selectChecks(facts).map(({ id, title }) => ({
    id,
    group: groupOf(id),
    promise: promiseOf(id).id,
    title,
  }));
}
