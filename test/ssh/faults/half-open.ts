import { setTimeout as delay } from "node:timers/promises";
import type { RemoteRunnerSession } from "@mooring/api";
import { FaultProxy } from "../../support/sshd/fault-proxy.js";
import { callMs, type FaultRun } from "./fault-place.js";

const quickMs = 200;
const defaultMs = 5_000;

/** A network that stops passing anything, and says nothing of it: the loss is found in time, and a short silence loses nothing. */
export async function halfOpen(run: FaultRun): Promise<void> {
  const { findings, rounds, random, place } = run;
  await using proxy = await FaultProxy.start(place.bed.sshd);
  for (let round = 0; round < rounds; round += 1) {
    findings.rounds += 1;
    await oneSilence(run, proxy, { keepaliveIntervalMs: quickMs, afterMs: random() * quickMs, graceMs: 1_000 });
  }
  // What nobody configures: found in 15 s or less.
  findings.rounds += 1;
  await oneSilence(run, proxy, { keepaliveIntervalMs: undefined, afterMs: 0, graceMs: 300 });
  findings.rounds += 1;
  await shortSilence(run, proxy);
}

async function oneSilence(
  run: FaultRun,
  proxy: FaultProxy,
  options: { readonly keepaliveIntervalMs: number | undefined; readonly afterMs: number; readonly graceMs: number },
): Promise<void> {
  const { place, findings } = run;
  const { keepaliveIntervalMs, afterMs, graceMs } = options;
  const opened = await openThrough(run, proxy, keepaliveIntervalMs);
  if (opened === undefined) return;
  const command = await opened.commands.start({ script: "echo ready; sleep 90" });
  await command.read(undefined, { waitMs: callMs });
  await delay(afterMs);
  proxy.stall();
  const withinMs = 3 * (keepaliveIntervalMs ?? defaultMs) + graceMs;
  const codes = ["disconnected", "ended"] as const;
  await Promise.all([
    findings.call("ended", () => opened.ended, {
      withinMs,
      truth: ({ reason }) => (reason === "lost" ? undefined : `it ended as ${reason}`),
    }),
    findings.call("a command", () => command.result(), {
      withinMs: withinMs + 500,
      truth: ({ exit, reason }) =>
        exit.kind === "unknown" && reason === "disconnected" ? undefined : `told as ${exit.kind}, ${reason}`,
    }),
    findings.call("a read", () => opened.files.read("absent"), { withinMs: withinMs + 500, codes }),
    findings.call("a write", () => opened.files.write("unwritten", "never"), { withinMs: withinMs + 500, codes }),
  ]);
  proxy.cut();
  proxy.resume();
  const again = await findings.call(
    "resumeSession",
    () => place.provider.resumeSession(throughProxy(run, proxy, keepaliveIntervalMs), opened.state()),
    { withinMs: callMs },
  );
  if (again.kind === "value") await findings.call("destroy", () => again.value.session.destroy(), { withinMs: callMs });
}

async function shortSilence(run: FaultRun, proxy: FaultProxy): Promise<void> {
  const { findings } = run;
  const session = await openThrough(run, proxy, quickMs);
  if (session === undefined) return;
  const lines = 400;
  const script = `i=0; while [ $i -lt ${lines} ]; do echo "line $i"; i=$((i + 1)); sleep 0.002; done; exit 4`;
  const command = await session.commands.start({ script });
  await command.read(undefined, { waitMs: callMs });
  proxy.stall();
  await delay(quickMs * 1.5);
  proxy.resume();
  const expected = Array.from({ length: lines }, (_, index) => `line ${index}\n`).join("");
  await findings.call("a command over a short silence", () => command.result(), {
    withinMs: callMs,
    truth: ({ exit, stdout }) =>
      exit.kind === "code" && exit.code === 4 && stdout.text() === expected
        ? undefined
        : `told as ${JSON.stringify(exit)} with ${stdout.totalBytes} bytes`,
  });
  await findings.call("destroy", () => session.destroy(), { withinMs: callMs });
}

function throughProxy({ place }: FaultRun, proxy: FaultProxy, keepaliveIntervalMs: number | undefined) {
  return place.destination({
    port: proxy.port,
    ...(keepaliveIntervalMs === undefined ? {} : { keepaliveIntervalMs }),
  });
}

async function openThrough(
  run: FaultRun,
  proxy: FaultProxy,
  keepaliveIntervalMs: number | undefined,
): Promise<RemoteRunnerSession | undefined> {
  const destination = throughProxy(run, proxy, keepaliveIntervalMs);
  const opened = await run.findings.call("createSession", () => run.place.provider.createSession(destination), {
    withinMs: callMs,
  });
  return opened.kind === "value" ? opened.value : undefined;
}
