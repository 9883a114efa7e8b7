import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { RemoteRunnerProvider, RunnerDestination } from "@mooring/api";
import { createOrchestrator } from "@mooring/orchestrator";
import { upload } from "@mooring/provider-kit/local";
import { ssh } from "@mooring/ssh";
import { unixLocal } from "@mooring/unix-local";
import { countLeftovers } from "./leftovers.js";
import { runScriptedAgent } from "./scripted-agent.js";
import { expectThat, type Step, Timeline } from "./steps.js";

const usage = `Usage: npm start -- [destination] [--expect-page <text>]

Copies a small project into a workspace at the destination, binds a thread to it and lets a scripted agent mend the
project's bug through the tools. Without a destination it does so in a temporary directory of this machine.
`;

const providers: readonly RemoteRunnerProvider[] = [unixLocal(), ssh()];
const project = fileURLToPath(new URL("../project/", import.meta.url));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    "expect-page": { type: "string", default: "510 min" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) process.stdout.write(usage);
else process.exitCode = await main(positionals[0], values["expect-page"]);

async function main(location: string | undefined, expectedPage: string): Promise<number> {
  const temporary = location === undefined ? await mkdtemp(join(tmpdir(), "mooring-main-job-")) : undefined;
  try {
    const target = location ?? `unix-local:${temporary}`;
    const found = findProvider(target);
    if (found === undefined) {
      const known = providers.map((provider) => provider.id).join(", ");
      process.stderr.write(`No provider knows ${target}. Providers here: ${known}\n\n${usage}`);
      return 2;
    }
    return await runMainJob(found.provider, found.destination, expectedPage);
  } finally {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
  }
}

function findProvider(
  location: string,
): { provider: RemoteRunnerProvider; destination: RunnerDestination } | undefined {
  for (const provider of providers) {
    const destination = provider.parseLocation?.(location);
    if (destination !== undefined) return { provider, destination };
  }
  return undefined;
}

async function runMainJob(
  provider: RemoteRunnerProvider,
  destination: RunnerDestination,
  expectedPage: string,
): Promise<number> {
  const timeline = new Timeline(printStep);
  const marker = `MOORING_MAIN_JOB=${randomBytes(8).toString("hex")}`;
  let ok = true;
  try {
    const workspace = await timeline.step("copy the project", () => copyProject(provider, destination));
    try {
      await runThread(provider, destination, workspace, marker, expectedPage, timeline);
    } finally {
      await timeline.step("look for processes left", async () => {
        const left = await countLeftovers(provider, destination, marker);
        expectThat(left === 0, `${left} processes left`);
        return { value: undefined, outcome: "0 processes left" };
      });
    }
  } catch {
    // The step that failed has told why.
    ok = false;
  }
  const totalMs = timeline.steps.reduce((sum, step) => sum + step.durationMs, 0);
  process.stdout.write(
    `\n${ok ? "Every step came out as expected" : "A step failed"}: ${timeline.steps.length} steps, ${totalMs.toFixed(0)} ms\n`,
  );
  return ok ? 0 : 1;
}

async function copyProject(provider: RemoteRunnerProvider, destination: RunnerDestination) {
  const session = await provider.createSession(destination);
  try {
    const report = await upload(session, project, "ferry-board");
    const info = await session.files.stat("ferry-board");
    return { value: info.path, outcome: `${report.files} files to ${provider.id}` };
  } finally {
    await session.destroy();
  }
}

async function runThread(
  provider: RemoteRunnerProvider,
  destination: RunnerDestination,
  workspace: string,
  marker: string,
  expectedPage: string,
  timeline: Timeline,
): Promise<void> {
  const orchestrator = createOrchestrator({ providers: [provider] });
  try {
    await timeline.step("bind a thread", async () => {
      await orchestrator.bind("main-job", { destination: withMarker(destination, marker), workspace });
      return { value: undefined, outcome: "bound; nothing is created yet" };
    });
    const thread = orchestrator.thread("main-job");
    await runScriptedAgent((name, input) => thread.tool(name).call(input), timeline, expectedPage);
  } finally {
    await timeline.step("close", async () => {
      await orchestrator.close();
      return { value: undefined, outcome: "session closed, server ended" };
    });
  }
}

/** All that the thread starts carries the marker, so that what is left of it can be found. */
function withMarker(destination: RunnerDestination, marker: string): RunnerDestination {
  const [name = "", value = ""] = marker.split("=");
  const config = destination.config as { readonly env?: Readonly<Record<string, string>> };
  return { ...destination, config: { ...config, env: { ...config.env, [name]: value } } };
}

function printStep(step: Step): void {
  const mark = step.ok ? "ok  " : "FAIL";
  process.stdout.write(
    `${mark} ${step.durationMs.toFixed(1).padStart(8)} ms  ${step.title.padEnd(34)} ${step.outcome}\n`,
  );
}
