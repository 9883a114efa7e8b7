/**
 * Whether every named tool is on this machine, as found by `scripts/far-side-tools.mjs`. Where one is missing the
 * reason is printed, and with `CI=true` the test file fails instead: there a skip would hide a hole.
 *
 * @example describe.runIf(requires("tmux"))("a confined tmux", () => {});
 */
export function requires(...tools: string[]): boolean {
  const available = new Set((process.env["MOORING_TEST_AVAILABLE"] ?? "").split(","));
  const missing = tools.filter((tool) => !available.has(tool));
  if (missing.length === 0) return true;
  const reason = `not available here: ${missing.join(", ")}`;
  if (process.env["CI"] === "true") throw new Error(`A suite cannot run with CI=true: ${reason}`);
  process.stderr.write(`skipped: ${reason}\n`);
  return false;
}
