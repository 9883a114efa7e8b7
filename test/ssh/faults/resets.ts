import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type RunnerDestination, RunnerError } from "@mooring/api";
import { ssh, type SshConfig } from "@mooring/ssh";
import { type CutPoint, FaultProxy } from "../../support/sshd/fault-proxy.js";
import { packetBorders } from "../../support/sshd/packet-borders.js";
import { runProgram } from "../../support/sshd/run-program.js";
import { Findings } from "../findings.js";
import { inParallel } from "../in-parallel.js";
import { callMs, type FaultRun } from "./fault-place.js";

const workers = 6;
const directions = ["up", "down"] as const;
const lost = ["disconnected", "ended", "unavailable"] as const;
const [oldText, newText] = ["old text\n", "new text\n"];

/** What was tried, for the closing line. */
export interface ResetCounts {
  readonly offsets: number;
  readonly transcriptBytes: number;
}

/** Packets that carry more are pieces of the helper's source: one byte in them is as good as the next. */
const smallPacketBytes = 2_048;
const sourceStepBytes = 64;

/**
 * Resets a connection at a byte of a short session's transcript, in either direction: at each of them but for the insides of the helper's source, where it is
 * every 64th; or per change at the borders of packets, one byte before and after them, and at random. What is told to have
 * happened did; what may have happened is an error.
 */
export async function resets(run: FaultRun, randomOffsets = 200): Promise<ResetCounts> {
  const { place, isLong } = run;
  await using proxy = await FaultProxy.start(place.bed.sshd, { record: true });
  const root = await workerRoot(run, "recorded");
  await shortSession(run.findings, place.destination({ port: proxy.port, root }), root, false);
  const [connection] = proxy.connections;
  if (connection === undefined) throw new Error("Nothing was recorded");
  const lengths = { up: connection.passed.up, down: connection.passed.down };
  const points = directions.flatMap((direction) => {
    const borders = packetBorders(connection.recorded(direction));
    const chosen = isLong
      ? allOffsets(borders, lengths[direction])
      : someOffsets(borders, lengths[direction], randomOffsets / 2, run.random);
    return chosen.map((offset): CutPoint => ({ direction, offset }));
  });
  await tryAll(run, points);
  return { offsets: points.length, transcriptBytes: lengths.up + lengths.down };
}

function allOffsets(borders: readonly number[], length: number): number[] {
  return [0, ...borders].flatMap((start, index, starts) => {
    const bytes = (starts[index + 1] ?? length + 1) - start;
    const isSource = bytes > smallPacketBytes;
    return Array.from({ length: bytes }, (_, offset) => start + offset).filter(
      (offset) => !isSource || (offset - start) % sourceStepBytes === 0,
    );
  });
}

function someOffsets(borders: readonly number[], length: number, extra: number, random: () => number): number[] {
  const near = borders.flatMap((border) => [border - 1, border, border + 1]);
  const anywhere = Array.from({ length: extra }, () => Math.floor(random() * length));
  return [...new Set([0, ...near, ...anywhere])].filter((offset) => offset <= length);
}

async function tryAll(run: FaultRun, points: readonly CutPoint[]): Promise<void> {
  const { place, findings } = run;
  const proxies = await Promise.all(Array.from({ length: workers }, () => FaultProxy.start(place.bed.sshd)));
  const roots = await Promise.all(proxies.map((_, worker) => workerRoot(run, `worker-${worker}`)));
  try {
    await inParallel(points, workers, async (cutAt, worker) => {
      const [proxy, root] = [proxies[worker], roots[worker]];
      if (proxy === undefined || root === undefined) return;
      findings.rounds += 1;
      // Those that come after a reset find the network whole again.
      proxy.cutNext(cutAt);
      const own = new Findings();
      await shortSession(own, place.destination({ port: proxy.port, root }), root, true);
      for (const violation of own.violations)
        findings.violation(`reset at ${cutAt.direction} ${cutAt.offset}: ${violation}`);
      own.violations.length = 0;
      findings.add(own);
    });
    // Sessions whose opening nobody heard of the end of are found by their directory, as after a crash.
    for (const root of roots) await place.provider.reap?.(place.destination({ root }));
  } finally {
    for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
  }
}

async function workerRoot({ place }: FaultRun, name: string): Promise<string> {
  const root = join(place.login.localRoot, name);
  await mkdir(root);
  await writeFile(join(root, "file"), "");
  await runProgram("chown", ["-R", `${place.login.account.name}:`, root]);
  return root;
}

async function shortSession(
  findings: Findings,
  destination: RunnerDestination<SshConfig>,
  root: string,
  isFaulty: boolean,
): Promise<void> {
  const expectations = { withinMs: callMs, codes: isFaulty ? lost : [] };
  await writeFile(join(root, "file"), oldText);
  const opened = await findings.call(
    "createSession",
    () => ssh({ idleConnectionMs: 50 }).createSession(destination),
    expectations,
  );
  if (opened.kind !== "value") return;
  const session = opened.value;
  const written = await findings.call("write", () => session.files.write("file", newText), expectations);
  const text = await readFile(join(root, "file"), "utf8");
  if (text !== newText && (text !== oldText || written.kind === "value")) findings.violation(`the file is ${text}`);
  await findings.call("run", () => session.commands.run({ script: "cat file; exit 5" }), {
    ...expectations,
    truth: ({ exit, reason, stdout }) => {
      const isTrue = exit.kind === "code" && exit.code === 5 && stdout.text() === text;
      const isLost = isFaulty && reason === "disconnected" && exit.kind === "unknown";
      return isTrue || isLost ? undefined : `told as ${JSON.stringify(exit)}, ${reason}, ${stdout.text()}`;
    },
  });
  await findings.call("read", () => session.files.read("file"), {
    ...expectations,
    truth: ({ contents }) => (Buffer.from(contents).toString() === text ? undefined : "other contents"),
  });
  await findings.call("destroy", () => session.destroy(), expectations);
  await findings.call("ended", () => session.ended, {
    withinMs: callMs,
    truth: ({ reason, error }) =>
      reason === "destroyed" || (isFaulty && reason === "lost" && RunnerError.is(error)) ? undefined : reason,
  });
}
