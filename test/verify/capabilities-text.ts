import { runnerCapabilityModes } from "@mooring/api";
import { type ConformanceCounts, type ConformanceReport, specification } from "@mooring/conformance";

/** A place that was measured, under the name that the page gives it. */
export interface MeasuredPlace {
  readonly name: string;
  readonly report: ConformanceReport;
}

const introduction = `# What our providers really do

<!-- Written by \`npm run capabilities\` from the reports of one run of the conformance kit; not to be changed by hand. -->

Each claim below was made by a session and then measured by the checks that hold the [promises](spec.md) about it:
\`tree 31/31\` says that the mode is \`tree\` and that 31 of 31 checks passed. A mode without figures claims nothing; that it is then
refused with \`unsupported\` is P2.
`;

/** The page of capabilities: claims, promises, and what was skipped and why. */
export function capabilitiesText(places: readonly MeasuredPlace[]): string {
  return [introduction, claims(places), promises(places), skipped(places)].join("\n");
}

function claims(places: readonly MeasuredPlace[]): string {
  const rows = Object.entries(runnerCapabilityModes).flatMap(([facet, fields]) =>
    Object.keys(fields).map((field) => {
      const held = specification
        .flatMap((chapter) => chapter.promises)
        .filter(({ capability }) => capability === `${facet}.${field}`)
        .map(({ id }) => id);
      const cells = places.map(({ report }) => `\`${modeOf(report, facet, field)}\`${score(report, held)}`);
      return [`\`${facet}.${field}\``, ...cells, held.join(", ")];
    }),
  );
  return section("Claims", ["capability", ...places.map(({ name }) => name), "promises"], rows);
}

function promises(places: readonly MeasuredPlace[]): string {
  const rows = specification.flatMap((chapter) =>
    chapter.promises.map(({ id, text }) => [id, text, ...places.map(({ report }) => counts(report.promises[id]))]),
  );
  return section("Promises", ["", "what holds", ...places.map(({ name }) => name)], rows);
}

function skipped(places: readonly MeasuredPlace[]): string {
  const lines = places.flatMap(({ name, report }) => {
    const reasons = new Map<string, string[]>();
    for (const { status, reason = "", id } of report.results) {
      if (status === "skipped") reasons.set(reason, [...(reasons.get(reason) ?? []), `\`${id}\``]);
    }
    const items = [...reasons].map(([reason, ids]) => `- ${reason}: ${ids.join(", ")}`);
    return [
      `**${name}**: ${report.passed} passed, ${report.failed} failed, ${report.skipped} skipped.\n`,
      ...items,
      "",
    ];
  });
  return `## What was skipped, and why\n\n${lines.join("\n")}`;
}

function modeOf({ capabilities }: ConformanceReport, facet: string, field: string): string {
  return (capabilities as Record<string, Record<string, string>> | null)?.[facet]?.[field] ?? "not known";
}

function score({ promises: held }: ConformanceReport, ids: readonly string[]): string {
  const passed = ids.reduce((sum, id) => sum + (held[id]?.passed ?? 0), 0);
  const failed = ids.reduce((sum, id) => sum + (held[id]?.failed ?? 0), 0);
  return passed + failed === 0 ? "" : ` ${passed}/${passed + failed}`;
}

function counts(held: ConformanceCounts | undefined): string {
  const parts = Object.entries(held ?? {}).filter(([, count]) => count > 0);
  return parts.map(([status, count]) => `${count} ${status}`).join(", ");
}

function section(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return `## ${title}\n\n${[line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n")}\n`;
}
