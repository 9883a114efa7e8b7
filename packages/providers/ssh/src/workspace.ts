import { normalize } from "node:path/posix";
import { RunnerError } from "@mooring/api";

/** Rejects a workspace that is, by its spelling, outside of the root. The far side looks at where both really are. */
export function requireWithin(root: string, workspace: string): void {
  // Where a home lies is known over there only.
  if (root.startsWith("~")) return;
  const outer = normalize(root);
  const prefix = outer.endsWith("/") ? outer : `${outer}/`;
  if (`${normalize(workspace)}/`.startsWith(prefix)) return;
  throw new RunnerError("path_escape", `Expected \`workspace\` to lie in the root ${root}, got \`${workspace}\``, {
    provider: "ssh",
    resource: "destination",
    retryable: false,
    phase: "before_start",
    details: { path: workspace },
  });
}
