import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import type { ServerChannel } from "ssh2";
import { FrameSplitter } from "./frames.js";
import type { FramePersona } from "./persona.js";

/** Runs a command for real, and stands between its output and the client; what a command of no helper says passes as it is. */
export function runWithLies(
  channel: ServerChannel,
  command: string,
  persona: FramePersona,
  home: string,
): ChildProcess {
  const child = spawn("/bin/sh", ["-c", command], {
    cwd: home,
    env: { PATH: process.env["PATH"] ?? "", HOME: home },
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  for (const stream of [channel, child.stdin]) stream.on("error", () => {});
  channel.pipe(child.stdin);
  child.stderr.pipe(channel.stderr, { end: false });
  void relay(child.stdout, channel, persona);
  child.once("exit", (code) => {
    if (code !== null) channel.exit(code);
  });
  child.once("close", () => channel.end());
  channel.once("close", () => endGroup(child));
  return child;
}

async function relay(from: Readable, to: ServerChannel, persona: FramePersona): Promise<void> {
  const splitter = new FrameSplitter();
  const lie = persona.liar();
  let isOver = false;
  let written = 0;
  to.once("close", () => (isOver = true));
  for await (const chunk of from as AsyncIterable<Buffer>) {
    for (const part of splitter.push(chunk)) {
      for (const bytes of Buffer.isBuffer(part) ? [part] : lie(part)) {
        if (isOver) return;
        written += 1;
        const isTaken = to.write(bytes);
        // A turn now and then, so that what runs here is told to end.
        if (isTaken && written % 256 === 0) await new Promise((resolve) => setImmediate(resolve));
        if (!isTaken) await Promise.race([once(to, "drain"), once(to, "close")]);
      }
    }
  }
}

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
