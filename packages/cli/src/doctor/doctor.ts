import type { RemoteRunnerSession } from "@mooring/api";
import { resolveDestination } from "../destinations/resolve-destination.js";
import { exitCodes } from "../exit-codes.js";
import { capabilityRows } from "../output/capability-rows.js";
import { coloursFor } from "../output/colours.js";
import { printable, printableLine } from "../output/printable.js";
import { table } from "../output/table.js";
import { printJson, printLine } from "../output/write.js";
import type { Finding } from "./finding.js";
import { hostFindings } from "./host-findings.js";

interface DoctorOptions {
  readonly json?: boolean;
  readonly config?: string;
}

type SessionFacts = Pick<RemoteRunnerSession, "providerId" | "description" | "workspace" | "platform" | "capabilities">;

/** Says what there is and what follows from what there is not; 1 when nothing could run. */
export async function doctor(destination: string | undefined, options: DoctorOptions): Promise<number> {
  const findings = await hostFindings();
  const session = destination === undefined ? undefined : await look(destination, options);
  if (options.json === true) {
    await printJson({ findings: findings.map(forJson), ...(session === undefined ? {} : { session }) });
  } else {
    await printFindings(findings);
    if (session !== undefined) await printSession(session);
  }
  return findings.some(({ status }) => status === "missing") ? exitCodes.failure : 0;
}

/** Opens a session as a bound thread would get it, and notes what it says of itself. */
async function look(text: string, options: DoctorOptions): Promise<SessionFacts> {
  const { provider, destination } = await resolveDestination(text, options);
  const session = await provider.createSession(destination, { onDispose: "destroy" });
  const { providerId, description, workspace, platform, capabilities } = session;
  await session.destroy();
  return { providerId, description, workspace, platform, capabilities };
}

function forJson(finding: Finding): Finding {
  const { consequence, ...rest } = finding;
  return finding.status === "ok" || consequence === undefined ? rest : { ...rest, consequence };
}

async function printFindings(findings: readonly Finding[]): Promise<void> {
  const colours = coloursFor(process.stdout);
  const paint = { ok: colours.green, lacking: colours.yellow, missing: colours.red };
  const rows = findings.map(({ status, name, found }) => [status, name, found]);
  const lines = table(rows, (text, row, column) => {
    const finding = findings[row];
    return column === 0 && finding !== undefined ? paint[finding.status](text) : text;
  }).split("\n");
  for (const [index, finding] of findings.entries()) {
    await printLine(lines[index] ?? "");
    if (finding.status !== "ok" && finding.consequence !== undefined) {
      await printLine(`         ${finding.consequence}`);
    }
  }
}

async function printSession(session: SessionFacts): Promise<void> {
  const { os, arch } = session.platform;
  await printLine(`\n${printable(session.description)}`);
  await printLine(`workspace  ${printableLine(session.workspace)}`);
  await printLine(`platform   ${printableLine(`${os} ${arch}`)}`);
  await printLine(table(capabilityRows(session.capabilities)));
}
