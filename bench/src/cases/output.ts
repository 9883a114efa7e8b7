import { spawn } from "node:child_process";
import { unixLocal } from "@mooring/unix-local";

/** What one process measured of one gibibyte of output. */
export interface OutputFigures {
  readonly megabytesPerSecond: number;
  /** The peak of resident memory of the process that read it. */
  readonly peakMegabytes: number;
}

export const outputReaders = ["node pipe", "mooring stream", "mooring retain"] as const;
export type OutputReader = (typeof outputReaders)[number];

const totalBytes = 1024 ** 3;
const program = "head";
const args = ["-c", String(totalBytes), "/dev/zero"];

/** Reads it all in this process. Meant for a fresh process each, as the peak of memory is the process's. */
export async function readGibibyte(reader: OutputReader, workspace: string): Promise<OutputFigures> {
  const { bytes, durationMs } = await (reader === "node pipe"
    ? fromPipe()
    : fromMooring(workspace, reader === "mooring stream" ? "stream" : "retain"));
  if (bytes !== totalBytes) throw new Error(`${reader} got ${bytes} of ${totalBytes} bytes`);
  return {
    megabytesPerSecond: totalBytes / 1e6 / (durationMs / 1000),
    peakMegabytes: process.resourceUsage().maxRSS / 1000,
  };
}

async function fromPipe() {
  const startedAt = performance.now();
  let bytes = 0;
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) bytes += chunk.length;
  return { bytes, durationMs: performance.now() - startedAt };
}

async function fromMooring(workspace: string, output: "stream" | "retain") {
  const provider = unixLocal();
  const session = await provider.createSession({
    id: "bench",
    providerId: provider.id,
    config: { root: workspace, confinement: "none" },
    defaultManifest: { entries: [], mounts: [] },
  });
  const startedAt = performance.now();
  let bytes = 0;
  const command = await session.commands.start({ program, args, output });
  if (output === "stream") {
    for await (const chunk of command.output) bytes += chunk.bytes.length;
  }
  const result = await command.result();
  if (output === "retain") bytes = result.stdout.totalBytes;
  const durationMs = performance.now() - startedAt;
  await session.destroy();
  return { bytes, durationMs };
}
