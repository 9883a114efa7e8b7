import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { freePort } from "../../../test/support/sshd/free-port.js";
import type { SshContender, SshLane } from "./ssh-contender.js";

/** OpenSSH's client over one kept connection, with `scp` beside it. */
export async function controlMaster(lane: SshLane): Promise<SshContender> {
  const socket = join(lane.directory, "master");
  const options = [
    `UserKnownHostsFile=${lane.knownHostsFile}`,
    `ControlPath=${socket}`,
    "Ciphers=aes128-gcm@openssh.com",
    "BatchMode=yes",
  ].flatMap((option) => ["-o", option]);
  options.push("-F", "none", "-i", lane.keyFile);
  const target = `${lane.user}@${lane.host}`;
  const master: ChildProcess = ssh(["-M", "-N", target]);
  for (let attempt = 0; attempt < 200 && (await status(ssh(["-O", "check", target]))) !== 0; attempt += 1);

  function ssh(args: readonly string[]): ChildProcess {
    return spawn("ssh", [...options, "-p", `${lane.port}`, ...args], { stdio: ["ignore", "pipe", "ignore"] });
  }

  return {
    name: "ssh, ControlMaster",
    async run(line) {
      const child = ssh([target, line]);
      let text = "";
      child.stdout?.on("data", (bytes: Buffer) => (text += bytes.toString()));
      await succeeded(child, line);
      return text;
    },
    async drain(line) {
      const child = ssh([target, line]);
      let bytes = 0;
      child.stdout?.on("data", (chunk: Buffer) => (bytes += chunk.byteLength));
      await succeeded(child, line);
      return bytes;
    },
    async upload(from, to) {
      const args = [...options, "-q", "-r", "-P", `${lane.port}`, from, `${target}:${join(lane.workspace, to)}`];
      await succeeded(spawn("scp", args, { stdio: "ignore" }), "scp");
    },
    async send(from, to) {
      const args = [...options, "-q", "-P", `${lane.port}`, from, `${target}:${join(lane.workspace, to)}`];
      await succeeded(spawn("scp", args, { stdio: "ignore" }), "scp");
    },
    async fetch(from, to) {
      const args = [...options, "-q", "-P", `${lane.port}`, `${target}:${join(lane.workspace, from)}`, to];
      await succeeded(spawn("scp", args, { stdio: "ignore" }), "scp");
    },
    async expose(port) {
      const local = await freePort();
      await succeeded(ssh(["-O", "forward", "-L", `127.0.0.1:${local}:127.0.0.1:${port}`, target]), "forward");
      return local;
    },
    async close() {
      await status(ssh(["-O", "exit", target]));
      master.kill();
    },
  };
}

/** `rsync` over that connection, where both are there. */
export async function rsync(lane: SshLane): Promise<SshContender | undefined> {
  if ((await status(spawn("rsync", ["--version"], { stdio: "ignore" }))) !== 0) return undefined;
  const master = await controlMaster(lane);
  const shell = `ssh -F none -p ${lane.port} -o ControlPath=${join(lane.directory, "master")} -o BatchMode=yes`;
  return {
    name: "rsync, ControlMaster",
    run: (line) => master.run(line),
    async upload(from, to) {
      const target = `${lane.user}@${lane.host}:${join(lane.workspace, to)}/`;
      await succeeded(spawn("rsync", ["-a", "-e", shell, `${from}/`, target], { stdio: "ignore" }), "rsync");
    },
    close: () => master.close(),
  };
}

async function succeeded(child: ChildProcess, what: string): Promise<void> {
  const code = await status(child);
  if (code !== 0) throw new Error(`${what} exited with ${code}`);
}

async function status(child: ChildProcess): Promise<number | null> {
  return await new Promise((resolve) => {
    child.once("error", () => resolve(null));
    child.once("close", (code) => resolve(code));
  });
}
