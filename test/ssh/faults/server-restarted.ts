import { callMs, type FaultRun } from "./fault-place.js";

const boundMs = 700;

/** The server goes away and comes back: the loss is told, its absence is `unavailable`, and what was resumed works. */
export async function serverRestarted(run: FaultRun): Promise<void> {
  const { place, findings, rounds } = run;
  const { sshd } = place.bed;
  for (let round = 0; round < rounds; round += 1) {
    findings.rounds += 1;
    const opened = await findings.call("createSession", () => place.provider.createSession(place.destination()), {
      withinMs: callMs,
    });
    if (opened.kind !== "value") continue;
    const session = opened.value;
    const command = session.commands.run({ script: "sleep 90" });
    await sshd.stop();
    sshd.killConnections();
    await findings.call("a command", () => command, {
      withinMs: callMs,
      truth: ({ exit, reason }) =>
        exit.kind === "unknown" && reason === "disconnected" ? undefined : `told as ${exit.kind}, ${reason}`,
      codes: ["disconnected"],
    });
    await noteAbsence(run);
    // One that begins while the server is away, and has time, sees it come back.
    const patient = place.provider.createSession(place.destination({ connectTimeoutMs: callMs }));
    patient.catch(() => {});
    await sshd.listen();
    const next = await findings.call("createSession, begun while the server was away", () => patient, {
      withinMs: callMs,
    });
    if (next.kind === "value") await findings.call("destroy", () => next.value.destroy(), { withinMs: callMs });
    const again = await findings.call(
      "resumeSession",
      () => place.provider.resumeSession(place.destination(), session.state()),
      { withinMs: callMs, truth: ({ outcome }) => (outcome === "reattached" ? undefined : outcome) },
    );
    if (again.kind !== "value") continue;
    const resumed = again.value.session;
    await findings.call("a command after that", () => resumed.commands.run({ script: "echo back" }), {
      withinMs: callMs,
      truth: ({ stdout }) => (stdout.text() === "back\n" ? undefined : `it wrote ${JSON.stringify(stdout.text())}`),
    });
    await findings.call("destroy", () => resumed.destroy(), { withinMs: callMs });
  }
}

async function noteAbsence({ place, findings }: FaultRun): Promise<void> {
  const destination = place.destination({ connectTimeoutMs: boundMs });
  const refused = await findings.call(
    "createSession without a server",
    () => place.provider.createSession(destination),
    {
      withinMs: boundMs + 1_000,
      codes: ["unavailable"],
    },
  );
  if (refused.kind === "value") findings.violation("a session without a server");
  if (refused.kind === "error" && refused.error.retryable !== true)
    findings.violation("an absence that is not retryable");
}
