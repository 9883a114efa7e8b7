import { randomBytes } from "node:crypto";
import { Readable, Writable } from "node:stream";
import { RunnerError, type RunnerConnection } from "@mooring/api";
import { nothingListens } from "./nothing-listens.js";
import { MarkedStream } from "./marked-stream.js";
import { scriptOf } from "./shell-call.js";
import type { ShellPlace, ShellTools } from "./shell-place.js";
import { assignments, sourceLine } from "./shell-source.js";

/** What `nc` needs to be told to pass on the end of input. BusyBox's does so by itself. */
const flags = { busybox: "", openbsd: "-N" } as const;

/** One connection through the runner's `nc`, which says nothing when it is connected: it is asked to try the port first. */
export async function openNetcat(place: ShellPlace, tools: ShellTools, port: number): Promise<RunnerConnection> {
  if (tools.netcat === undefined) throw new RunnerError("unsupported", "The runner has no `nc`");
  const nonce = randomBytes(16).toString("hex");
  const probe = await startNetcat(place, nonce, port, "-z");
  probe.stdin.end();
  const { code } = await probe.exited;
  if (code !== 0) {
    throw nothingListens(port);
  }
  const process = await startNetcat(place, nonce, port, flags[tools.netcat]);
  const output = new Readable({ read: () => process.stdout.resume() });
  const marked = new MarkedStream(nonce, () => undefined, (bytes) => {
    if (!output.push(bytes)) process.stdout.pause();
  });
  process.stdout.on("data", (chunk: Buffer) => marked.receive(chunk));
  process.stdout.once("end", () => output.push(null));
  process.stdout.on("error", () => output.destroy());
  process.stderr.on("error", () => undefined).resume();
  return {
    readable: Readable.toWeb(output) as ReadableStream<Uint8Array>,
    writable: Writable.toWeb(process.stdin) as WritableStream<Uint8Array>,
    async [Symbol.asyncDispose]() {
      process.kill();
      output.destroy();
      process.stdin.destroy();
    },
  };
}

async function startNetcat(place: ShellPlace, nonce: string, port: number, words: string) {
  const process = await place.channel.spawn([...place.shell, "-c", scriptOf("port-connect"), "mooring"]);
  process.stdin.on("error", () => undefined);
  process.stdin.write(sourceLine(assignments({ nonce, port, flags: words }), place.fullBlock));
  if (words === "-z") {
    process.stdout.on("error", () => undefined).resume();
    process.stderr.on("error", () => undefined).resume();
  }
  return process;
}
