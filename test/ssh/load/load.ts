import { ssh } from "@mooring/ssh";
import { faultPlace, type FaultPlace } from "../faults/fault-place.js";
import { Findings } from "../findings.js";
import { descriptorCount } from "../leftovers.js";

export interface LoadCounts {
  /** Sessions that are opened at once. */
  readonly sessions: number;
  /** Commands that are started at once on one session. */
  readonly commands: number;
  /** Sessions that are opened and destroyed one after another. */
  readonly sequential: number;
}

export interface LoadFigures {
  readonly findings: Findings;
  readonly sessionsMs: number;
  readonly commandsMs: number;
  readonly sequentialMs: number;
  readonly descriptorsMore: number;
}

const withinMs = 120_000;

/** Many at once, and many in turn, on a server with its stock limits: none of them is seen by a caller, and nothing is left. */
export async function tryLoad(counts: LoadCounts): Promise<LoadFigures> {
  await using place = await faultPlace();
  const findings = new Findings();
  const sessionsMs = await timed(() => manySessions(place, findings, counts.sessions));
  const commandsMs = await timed(() => manyCommands(place, findings, counts.commands));
  await place.noteLeftovers(findings);
  const before = descriptorCount();
  const sequentialMs = await timed(() => inTurn(place, findings, counts.sequential));
  await place.noteLeftovers(findings);
  return { findings, sessionsMs, commandsMs, sequentialMs, descriptorsMore: descriptorCount() - before };
}

async function manySessions({ provider, destination }: FaultPlace, findings: Findings, count: number): Promise<void> {
  const opened = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      findings.rounds += 1;
      const outcome = await findings.call("createSession", () => provider.createSession(destination()), { withinMs });
      if (outcome.kind !== "value") return undefined;
      const session = outcome.value;
      await findings.call("run", () => session.commands.run({ program: "echo", args: [`session ${index}`] }), {
        withinMs,
        truth: ({ stdout }) => (stdout.text() === `session ${index}\n` ? undefined : stdout.text()),
      });
      return session;
    }),
  );
  await Promise.all(
    opened
      .filter((session) => session !== undefined)
      .map((session) => findings.call("destroy", () => session.destroy(), { withinMs })),
  );
}

async function manyCommands({ provider, destination }: FaultPlace, findings: Findings, count: number): Promise<void> {
  const session = await provider.createSession(destination());
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      findings.rounds += 1;
      const code = index % 256;
      await findings.call("run", () => session.commands.run({ script: `sleep 0.2; echo ${index}; exit ${code}` }), {
        withinMs,
        truth: ({ exit, stdout }) =>
          exit.kind === "code" && exit.code === code && stdout.text() === `${index}\n`
            ? undefined
            : `told as ${JSON.stringify(exit)}, ${stdout.text()}`,
      });
    }),
  );
  await findings.call("destroy", () => session.destroy(), { withinMs });
}

async function inTurn({ destination }: FaultPlace, findings: Findings, count: number): Promise<void> {
  // A provider of its own: whatever it keeps must not grow with the number of sessions.
  const provider = ssh({ idleConnectionMs: 200 });
  for (let index = 0; index < count; index += 1) {
    findings.rounds += 1;
    const opened = await findings.call("createSession", () => provider.createSession(destination()), { withinMs });
    if (opened.kind === "value") await findings.call("destroy", () => opened.value.destroy(), { withinMs });
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const begin = performance.now();
  await work();
  return Math.round(performance.now() - begin);
}
