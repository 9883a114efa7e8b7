import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { RemoteRunnerSession, RunnerCommandResult } from "@mooring/api";
import { eventually } from "../../support/sshd/eventually.js";
import { commandLineOf, processesWithVariable } from "../../support/sshd/processes.js";
import { describeError } from "../findings.js";
import { callMs, type FaultRun } from "./fault-place.js";

const durableOutput = Array.from({ length: 30 }, (_, index) => `line ${index}\n`).join("");

/**
 * Kills the server's processes of a connection while commands run on it. Nothing that did not happen is told, no plain command lives
 * on, and a durable one is found again with all its output.
 */
export async function killedMidCommand(run: FaultRun): Promise<void> {
  const { place, findings, rounds, random } = run;
  for (let round = 0; round < rounds; round += 1) {
    findings.rounds += 1;
    const opened = await findings.call("createSession", () => place.provider.createSession(place.destination()), {
      withinMs: callMs,
    });
    if (opened.kind !== "value") continue;
    await oneKill(run, opened.value, `killed-${round}`, random() * 250);
  }
}

async function oneKill(run: FaultRun, session: RemoteRunnerSession, name: string, afterMs: number): Promise<void> {
  const { place, findings } = run;
  const mark = `MOORING_MARK=${place.login.account.name}-${name}`;
  const env = { MOORING_MARK: mark.slice(mark.indexOf("=") + 1) };
  const lost = ["disconnected", "ended"] as const;
  const durable = await findings.call(
    "a durable start",
    () => session.commands.start({ script: durableScript, durable: true, commandId: name }),
    { withinMs: callMs },
  );
  const forever = session.commands.run({ script: "trap '' HUP TERM; setsid sleep 90 & sleep 90", env });
  const short = session.commands.run({ script: `sleep 0.1; echo done > ${name}; exit 7`, env });
  await delay(afterMs);
  place.bed.sshd.killConnections();

  await findings.call(`${name}: a command without an end`, () => forever, {
    withinMs: callMs,
    codes: lost,
    truth: (result) => unlessLost(result),
  });
  await findings.call(`${name}: a short command`, () => short, {
    withinMs: callMs,
    codes: lost,
    truth: (result) => {
      if (result.reason !== "exited") return unlessLost(result);
      const isDone = existsSync(join(place.login.localRoot, name));
      return isDone && result.exit.kind === "code" && result.exit.code === 7 ? undefined : shown(result);
    },
  });
  await findings.call(`${name}: ended`, () => session.ended, {
    withinMs: callMs,
    truth: ({ reason }) => (reason === "lost" ? undefined : `it ended as ${reason}`),
  });
  await noteSurvivors(run, mark);
  const again = await findings.call(
    `${name}: resumeSession`,
    () => place.provider.resumeSession(place.destination(), session.state()),
    { withinMs: callMs, truth: ({ outcome }) => (outcome === "reattached" ? undefined : outcome) },
  );
  if (again.kind !== "value") return;
  if (durable.kind === "value") {
    await findings.call(`${name}: the durable command`, () => followed(again.value.session, name), {
      withinMs: callMs,
      truth: (result) =>
        result.exit.kind === "code" && result.exit.code === 3 && result.stdout.text() === durableOutput
          ? undefined
          : shown(result),
    });
  }
  await findings.call(`${name}: destroy`, () => again.value.session.destroy(), { withinMs: callMs });
}

const durableScript = 'i=0; while [ $i -lt 30 ]; do echo "line $i"; i=$((i + 1)); sleep 0.01; done; exit 3';

async function followed(session: RemoteRunnerSession, commandId: string): Promise<RunnerCommandResult> {
  const command = await session.commands.attach(commandId);
  return await command.result();
}

async function noteSurvivors({ findings }: FaultRun, mark: string): Promise<void> {
  try {
    await eventually("no process left", () => (processesWithVariable(mark).length === 0 ? true : undefined), 10_000);
  } catch (error) {
    const left = processesWithVariable(mark).map((pid) => `${pid} ${commandLineOf(pid)}`);
    findings.violation(`${describeError(error)}: ${left.join("; ")}`);
  }
}

function unlessLost(result: RunnerCommandResult): string | undefined {
  return result.reason === "disconnected" && result.exit.kind === "unknown" ? undefined : shown(result);
}

function shown({ exit, reason, stdout }: RunnerCommandResult): string {
  return `told as ${JSON.stringify(exit)}, ${reason}, with ${stdout.totalBytes} bytes`;
}
