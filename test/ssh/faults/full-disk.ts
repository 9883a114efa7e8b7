import { chown, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RemoteRunnerSession } from "@mooring/api";
import { runProgram } from "../../support/sshd/run-program.js";
import { callMs, type FaultRun } from "./fault-place.js";

const diskBytes = 2 * 1_048_576;
const oldContents = Buffer.alloc(200_000, "kept ");

/** Writes that do not fit: they say so, and the old contents stay whole, with nothing of the new ones beside them. */
export async function fullDisk(run: FaultRun): Promise<void> {
  const { place, findings, rounds, random } = run;
  const directory = join(place.login.localRoot, "small");
  await mkdir(directory);
  await runProgram("mount", [
    "-t",
    "tmpfs",
    "-o",
    `size=${diskBytes},uid=${place.login.account.uid},mode=700`,
    "none",
    directory,
  ]);
  try {
    const session = await place.provider.createSession(place.destination());
    try {
      for (let round = 0; round < rounds; round += 1) {
        findings.rounds += 1;
        await oneWrite(run, session, directory, Math.ceil(diskBytes * (0.95 + random())), round % 2 === 0);
      }
    } finally {
      await session.destroy();
    }
  } finally {
    await runProgram("umount", [directory]);
    await rm(directory, { recursive: true });
  }
}

async function oneWrite(
  { findings, random, place }: FaultRun,
  session: RemoteRunnerSession,
  directory: string,
  newBytes: number,
  isStreamed: boolean,
): Promise<void> {
  const { uid } = place.login.account;
  const file = join(directory, "file");
  await writeFile(file, oldContents);
  await chown(file, uid, uid);
  // Some of the space is taken by another, so that the end comes anywhere.
  await writeFile(join(directory, "other"), Buffer.alloc(Math.floor(random() * 1_500_000)));
  const contents = Buffer.alloc(newBytes, "new ");
  const outcome = await findings.call(
    `a write of ${newBytes} bytes`,
    () => session.files.write("small/file", isStreamed ? new Blob([contents]).stream() : contents),
    { withinMs: callMs, codes: ["resource_exhausted"] },
  );
  const [there, names] = await Promise.all([readFile(file), readdir(directory)]);
  if (outcome.kind === "value") findings.violation(`${newBytes} bytes were written to a disk of ${diskBytes}`);
  if (!there.equals(oldContents))
    findings.violation(`the old contents are ${there.byteLength} bytes of something else`);
  if (names.toSorted().join() !== "file,other") findings.violation(`beside the file: ${names.join(", ")}`);
}
