import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProgram } from "../../support/sshd/run-program.js";

/** OpenSSH's own agent, for one test. */
export interface Agent extends AsyncDisposable {
  readonly socket: string;
  add(...files: string[]): Promise<void>;
}

export async function startAgent(): Promise<Agent> {
  const directory = await mkdtemp(join(tmpdir(), "mooring-agent-"));
  const socket = join(directory, "socket");
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "ignore"] });
  // It says where it listens once it does.
  await once(agent.stdout, "data");
  return {
    socket,
    add: async (...files) => {
      await runProgram("env", [`SSH_AUTH_SOCK=${socket}`, "ssh-add", "-q", ...files]);
    },
    async [Symbol.asyncDispose]() {
      const ended = once(agent, "exit");
      agent.kill();
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
