import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { RemoteRunnerSession } from "@mooring/api";
import { callMs, type FaultRun } from "./fault-place.js";

const oldContents = Buffer.alloc(1_000_000, "old contents ");
const newContents = randomBytes(16_000_000);
const name = "transferred";
const lost = ["disconnected", "ended"] as const;

/**
 * Kills the server's processes of a connection while a file goes up or comes down. The file is the old one or the new one, as was told;
 * what comes down is whole, or its end is an error.
 */
export async function killedMidTransfer(run: FaultRun): Promise<void> {
  const { place, findings, rounds, random } = run;
  let [uploadMs, downloadMs] = [150, 150];
  for (let round = 0; round < rounds; round += 1) {
    findings.rounds += 1;
    const opened = await findings.call("createSession", () => place.provider.createSession(place.destination()), {
      withinMs: callMs,
    });
    if (opened.kind !== "value") continue;
    const session = opened.value;
    const written = await findings.call("the old contents", () => session.files.write(name, oldContents), {
      withinMs: callMs,
    });
    if (written.kind !== "value") continue;
    // The moment lies anywhere in the transfer: how long one takes is learned from those that came through.
    if (round % 2 === 0) uploadMs = (await upload(run, session, random() * uploadMs * 1.2)) ?? uploadMs;
    else downloadMs = (await download(run, session, random() * downloadMs * 1.2)) ?? downloadMs;
    await findings.call("ended", () => session.ended, { withinMs: callMs });
    const again = await findings.call(
      "resumeSession",
      () => place.provider.resumeSession(place.destination(), session.state()),
      { withinMs: callMs },
    );
    if (again.kind !== "value") continue;
    await findings.call("destroy", () => again.value.session.destroy(), { withinMs: callMs });
  }
}

async function upload(
  { place, findings }: FaultRun,
  session: RemoteRunnerSession,
  afterMs: number,
): Promise<number | undefined> {
  const begin = performance.now();
  let tookMs: number | undefined;
  const upload = session.files.write(name, new Blob([newContents]).stream());
  void upload.then(
    () => (tookMs = performance.now() - begin),
    () => {},
  );
  await delay(afterMs);
  place.bed.sshd.killConnections();
  const outcome = await findings.call("a write", () => upload, { withinMs: callMs, codes: lost });
  const there = await readFile(join(place.login.localRoot, name));
  const isNew = there.equals(newContents);
  if (!isNew && !there.equals(oldContents))
    findings.violation(`a file of ${there.byteLength} bytes, neither old nor new`);
  if (outcome.kind === "value" && !isNew) findings.violation("a write resolved, but the old contents are there");
  return tookMs;
}

async function download(
  { place, findings }: FaultRun,
  session: RemoteRunnerSession,
  afterMs: number,
): Promise<number | undefined> {
  await findings.call("the new contents", () => session.files.write(name, newContents), { withinMs: callMs });
  const begin = performance.now();
  let tookMs: number | undefined;
  const reading = (async () => {
    const received: Uint8Array[] = [];
    for await (const piece of await session.files.readStream(name)) received.push(piece);
    tookMs = performance.now() - begin;
    return Buffer.concat(received);
  })();
  reading.catch(() => {});
  await delay(afterMs);
  place.bed.sshd.killConnections();
  await findings.call("a read", () => reading, {
    withinMs: callMs,
    codes: lost,
    truth: (received) =>
      received.equals(newContents)
        ? undefined
        : `it came to an end after ${received.byteLength} bytes without an error`,
  });
  return tookMs;
}
