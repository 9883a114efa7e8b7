import type { CheckResult, ConformanceReport } from "@mooring/conformance";
import { capabilityRows } from "../output/capability-rows.js";
import { coloursFor } from "../output/colours.js";
import { printableLine } from "../output/printable.js";
import { table } from "../output/table.js";

const marks = { passed: "ok", failed: "FAILED", skipped: "skipped" } as const;

/** One check; with its evidence when it failed. */
export function checkLines(result: CheckResult): string {
  const colours = coloursFor(process.stdout);
  const paint = { passed: colours.green, failed: colours.red, skipped: colours.yellow }[result.status];
  const lines = [
    `${paint(marks[result.status].padEnd(8))}${result.promise.padEnd(4)}${printableLine(result.id)}  ${printableLine(result.title)}  ${colours.dim(`${result.durationMs} ms`)}`,
  ];
  if (result.reason !== undefined) lines.push(`        ${printableLine(result.reason)}`);
  if (result.status === "failed") {
    for (const { asked, came } of result.evidence) {
      lines.push(`        asked: ${printableLine(asked)}`, `        came:  ${printableLine(came)}`);
    }
  }
  return lines.join("\n");
}

/** The capabilities that were claimed, and the counts. */
export function summaryLines(report: ConformanceReport): string {
  const colours = coloursFor(process.stdout);
  const capabilities =
    report.capabilities === null
      ? "No session could be opened, so there are no capabilities to show."
      : table(capabilityRows(report.capabilities));
  const counts = `${report.passed} passed, ${report.failed} failed, ${report.skipped} skipped of ${report.total} in ${(report.durationMs / 1_000).toFixed(1)} s`;
  const paint = report.failed === 0 ? colours.green : colours.red;
  return `\nCapabilities of ${printableLine(report.providerId)}:\n${capabilities}\n\n${paint(counts)}`;
}
