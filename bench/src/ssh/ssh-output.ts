// Reads one gibibyte over SSH in a process of its own, as the peak of memory is the process's: `ssh-output.ts READER LANE`.
import process from "node:process";
import { bareSsh2 } from "./libraries.js";
import { mooringSsh } from "./mooring-ssh.js";
import type { SshLane } from "./ssh-contender.js";

const openers = { mooring: mooringSsh, ssh2: bareSsh2 } as const;
const totalBytes = 1024 ** 3;

const [reader, lane] = process.argv.slice(2);
if (reader !== "mooring" && reader !== "ssh2") throw new Error(`Expected mooring or ssh2, got ${reader}`);
const contender = await openers[reader](JSON.parse(lane ?? "") as SshLane);
const startedAt = performance.now();
const bytes = await contender.drain?.(`head -c ${totalBytes} /dev/zero`);
const durationMs = performance.now() - startedAt;
await contender.close();
if (bytes !== totalBytes) throw new Error(`${reader} got ${bytes} bytes`);
process.stdout.write(
  JSON.stringify({
    megabytesPerSecond: totalBytes / 1e6 / (durationMs / 1_000),
    peakMegabytes: process.resourceUsage().maxRSS / 1_000,
  }),
);
