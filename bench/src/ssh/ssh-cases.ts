import { mkdir, rm, writeFile } from "node:fs/promises";
import { fork } from "node:child_process";
import { once } from "node:events";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { ssh } from "@mooring/ssh";
import { interleaved, summarize, type Summary, timed } from "../statistics.js";
import { openSession } from "./mooring-ssh.js";
import type { SshContender, SshLane } from "./ssh-contender.js";

export type SshFigures = Record<string, Record<string, Summary>>;

const kilobyte = Buffer.alloc(1_024, "a");
const gibibyte = 1_073_741_824;
const uploadedFiles = 2_000;
const requests = 2_000;

/** Every case, in turn; each contender that can do it, interleaved. */
export async function sshCases(
  contenders: readonly SshContender[],
  lane: SshLane,
  rounds: number,
  print: (line: string) => void,
): Promise<SshFigures> {
  const tree = await makeTree(join(lane.directory, "tree"));
  const large = join(lane.directory, "large");
  await writeFile(large, randomBytes(256_000_000));
  let uploads = 0;
  const cases: Record<string, () => Promise<Record<string, Summary>>> = {
    "command `true`": () => compared(contenders, rounds, (contender) => contender.run("true")),
    "write 1 kB": () =>
      compared(having(contenders, "write"), rounds, (contender) => contender.write?.("small", kilobyte)),
    "write 1 kB in one step, synced": () =>
      compared(having(contenders, "replace"), rounds, (contender) => contender.replace?.("kept", kilobyte)),
    "read 1 kB": () => compared(having(contenders, "read"), rounds, (contender) => contender.read?.("small")),
    "1 GiB of output": () =>
      compared(having(contenders, "drain"), 3, async (contender) => {
        const bytes = await contender.drain?.(`head -c ${gibibyte} /dev/zero`);
        if (bytes !== gibibyte) throw new Error(`${contender.name} got ${bytes} bytes`);
      }),
    "upload 2,000 files, 20 MB": () =>
      compared(having(contenders, "upload"), 3, (contender) => contender.upload?.(tree, `tree-${(uploads += 1)}`)),
    "upload them again, one changed": () =>
      compared(having(contenders, "upload"), 3, async (contender) => {
        await writeFile(join(tree, "directory-0", "file-0"), `${performance.now()}`);
        await contender.upload?.(tree, `again-${contender.name.replaceAll(/\W/g, "")}`);
      }),
    "send a file of 256 MB": () =>
      compared(having(contenders, "send"), 3, (contender) => contender.send?.(large, "large")),
    "fetch a file of 256 MB": () =>
      compared(having(contenders, "fetch"), 3, (contender) =>
        contender.fetch?.("large", join(lane.directory, "fetched")),
      ),
    "2,000 requests through an exposed port": () => requestCase(having(contenders, "expose")),
    "50 sessions over one connection": () => manySessions(lane, 50),
    "100 commands of `sleep 0.2` at once": () => manyAtOnce(contenders, 100),
    "1,000 commands of `sleep 0.2` at once": () => manyAtOnce(contenders, 1_000),
  };
  const figures: SshFigures = {};
  for (const [title, measure] of Object.entries(cases)) {
    const measured = await measure();
    figures[title] = measured;
    print(title);
    const ours = measured["mooring"];
    for (const [name, { medianMs, p95Ms }] of Object.entries(measured)) {
      const ratio = ours === undefined ? "" : (ours.medianMs / medianMs).toFixed(2);
      print(
        `  ${name.padEnd(22)} median ${medianMs.toFixed(2).padStart(10)} ms   95 % ${p95Ms.toFixed(2).padStart(10)} ms   ratio ${ratio}`,
      );
    }
  }
  await rm(tree, { recursive: true });
  await rm(large);
  return figures;
}

function having(contenders: readonly SshContender[], verb: keyof SshContender): SshContender[] {
  return contenders.filter((contender) => contender[verb] !== undefined);
}

async function compared(
  contenders: readonly SshContender[],
  rounds: number,
  work: (contender: SshContender) => Promise<unknown> | undefined,
): Promise<Record<string, Summary>> {
  return await interleaved(
    Object.fromEntries(contenders.map((contender) => [contender.name, async () => work(contender)])),
    rounds,
  );
}

/** Only who has no limit of ten channels to heed: the others are measured one connection's worth at a time. */
async function manyAtOnce(contenders: readonly SshContender[], count: number): Promise<Record<string, Summary>> {
  const [ours] = contenders.filter(({ name }) => name === "mooring");
  const bare = contenders.filter(({ name }) => name === "ssh2" && count <= 100);
  return await interleaved(
    {
      ...(ours === undefined
        ? {}
        : { mooring: () => Promise.all(Array.from({ length: count }, () => ours.run("sleep 0.2"))) }),
      ...Object.fromEntries(bare.map((contender) => ["ssh2, 6 at a time", () => sixAtATime(contender, count)])),
    },
    3,
  );
}

/**
 * Four fewer than it may have with its channel for SFTP: a server frees them later than we hear of it. Where that is still too
 * many, the library's user has to try again.
 */
async function sixAtATime(contender: SshContender, count: number): Promise<void> {
  let left = count;
  const run = async (): Promise<void> => {
    for (;;) {
      try {
        await contender.run("sleep 0.2");
        return;
      } catch (error) {
        if (!String(error).includes("Channel open failure")) throw error;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
  };
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      while ((left -= 1) >= 0) await run();
    }),
  );
}

/** On a connection that has a session already; those of the round before are closed by then. */
async function manySessions(lane: SshLane, count: number): Promise<Record<string, Summary>> {
  const provider = ssh();
  const first = await openSession(lane, provider);
  const durations: number[] = [];
  for (let round = -1; round < 5; round += 1) {
    let opened: Awaited<ReturnType<typeof openSession>>[] = [];
    const durationMs = await timed(async () => {
      opened = await Promise.all(Array.from({ length: count }, () => openSession(lane, provider)));
    });
    if (round >= 0) durations.push(durationMs);
    await Promise.all(opened.map((session) => session.destroy()));
  }
  await first.destroy();
  return { mooring: summarize(durations) };
}

async function requestCase(contenders: readonly SshContender[]): Promise<Record<string, Summary>> {
  const child = fork(new URL("request-process.ts", import.meta.url), { execArgv: ["--import", "tsx"] });
  const answer = async (): Promise<{ readonly port?: number; readonly failed?: string }> => {
    const [message] = (await once(child, "message")) as [{ readonly port?: number; readonly failed?: string }];
    if (message.failed !== undefined) throw new Error(message.failed);
    return message;
  };
  try {
    const { port: served = 0 } = await answer();
    const ports = new Map<SshContender, number>();
    for (const contender of contenders) {
      const local = await contender.expose?.(served);
      if (local !== undefined) ports.set(contender, local);
    }
    return await compared(contenders, 5, async (contender) => {
      child.send({ port: ports.get(contender), requests });
      await answer();
    });
  } finally {
    child.kill();
  }
}

async function makeTree(directory: string): Promise<string> {
  const contents = Buffer.alloc(10_000, "contents of a file ");
  for (let index = 0; index < uploadedFiles; index += 1) {
    const place = join(directory, `directory-${index % 40}`);
    if (index < 40) await mkdir(place, { recursive: true });
    await writeFile(join(place, `file-${index}`), contents);
  }
  return directory;
}
