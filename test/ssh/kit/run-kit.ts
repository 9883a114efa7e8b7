import { type CheckResult, verifyProvider } from "@mooring/conformance";
import { Findings } from "../findings.js";
import { type SshPlaceName, sshPlaces } from "./ssh-places.js";

/** What the kit said of an account. */
export interface KitOutcome {
  readonly findings: Findings;
  readonly passed: number;
  readonly skipped: readonly CheckResult[];
}

/** Groups of checks that tell most of what an account differs in; the whole kit runs on `root` at every change. */
export const groupsPerChange: Readonly<Record<SshPlaceName, readonly string[] | undefined>> = {
  root: undefined,
  user: ["capabilities", "process", "confinement", "durable", "ports"],
  busybox: ["capabilities", "process", "output", "input", "files", "lifecycle", "loss"],
  jump: ["requests", "output", "input", "terminal", "lifecycle", "loss"],
};

/** Runs the kit on an account; `groups` are all of them when none are named. */
export async function runKit(
  name: SshPlaceName,
  groups: readonly string[] | undefined,
  onResult: (result: CheckResult) => void = () => {},
): Promise<KitOutcome> {
  await using place = await sshPlaces[name]();
  const findings = new Findings();
  const skipped: CheckResult[] = [];
  let passed = 0;
  for await (const result of verifyProvider(place.provider, { ...place.facts, groups })) {
    findings.rounds += 1;
    onResult(result);
    if (result.status === "passed") passed += 1;
    else if (result.status === "skipped") skipped.push(result);
    else {
      const evidence = result.evidence.map(({ asked, came }) => `${asked}: ${came}`).join("; ");
      findings.violation(`${name}: ${result.id}: ${result.reason ?? "failed"}; ${evidence}`);
    }
  }
  return { findings, passed, skipped };
}
