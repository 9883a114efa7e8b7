// Measures over a real server on loopback, which it starts itself: needs root and openssh-server.
import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Testbed } from "../../../test/support/sshd/testbed.js";
import { installContenders } from "../install-contenders.js";
import { controlMaster, rsync } from "./control-master.js";
import { bareSsh2, nodeSsh } from "./libraries.js";
import { mooringSsh } from "./mooring-ssh.js";
import { sshCases } from "./ssh-cases.js";
import type { SshContender, SshLane } from "./ssh-contender.js";

installContenders();
const [rounds = "200"] = process.argv.slice(2);
const bed = await Testbed.start();
try {
  const login = await bed.login({ kind: "bench" });
  const lane: SshLane = {
    host: bed.sshd.host,
    port: bed.sshd.port,
    user: login.account.name,
    keyFile: login.key.file,
    hostKey: bed.sshd.hostKeys[0]?.publicKey ?? "",
    knownHostsFile: await bed.sshd.knownHostsFile(),
    workspace: login.root,
    directory: bed.sshd.directory,
  };
  process.stdout.write(`Node ${process.version}; medians of interleaved rounds; ratio = Mooring / other\n\n`);
  const contenders: SshContender[] = [await mooringSsh(lane), await controlMaster(lane), await bareSsh2(lane)];
  contenders.push(await nodeSsh(lane));
  const synchronizer = await rsync({ ...lane, directory: `${lane.directory}/homes` });
  if (synchronizer !== undefined) contenders.push(synchronizer);
  else process.stdout.write("rsync is not there: it is not measured\n");
  try {
    for (const reader of ["mooring", "ssh2"]) printPeak(reader, lane);
    await sshCases(contenders, lane, Number(rounds), (line) => void process.stdout.write(`${line}\n`));
  } finally {
    for (const contender of contenders) await contender.close();
  }
} finally {
  await bed[Symbol.asyncDispose]();
}

function printPeak(reader: string, measured: SshLane): void {
  const script = fileURLToPath(new URL("ssh-output.ts", import.meta.url));
  const { stdout, status } = spawnSync(
    process.execPath,
    ["--conditions=@mooring/source", "--import", "tsx", script, reader, JSON.stringify(measured)],
    { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] },
  );
  if (status !== 0) throw new Error(`The measurement of ${reader} exited with ${status}`);
  const { megabytesPerSecond, peakMegabytes } = JSON.parse(stdout) as Record<string, number>;
  process.stdout.write(
    `1 GiB of output by ${reader} in a process of its own: ${megabytesPerSecond?.toFixed(0)} MB/s, at most ${peakMegabytes?.toFixed(0)} MB of memory\n`,
  );
}
