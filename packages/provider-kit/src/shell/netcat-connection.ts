import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { RunnerError, type RunnerConnection } from "@mooring/api";
import { abortable } from "../async/abort.js";
import { within } from "../async/within.js";
import { readableEnd, writableEnd } from "./connection-ends.js";
import { MarkedStream } from "./marked-stream.js";
import { connectionLost, nothingListens } from "./nothing-listens.js";
import { scriptOf } from "./shell-call.js";
import type { ShellPlace, ShellTools } from "./shell-place.js";
import { assignments, sourceLine } from "./shell-source.js";
import { spawnScript } from "./spawn-script.js";

/** What `nc` needs to be told to pass on the end of input. BusyBox's does so by itself. */
const flags = { busybox: "", openbsd: "-N" } as const;

/** One connection through the runner's `nc`. */
export async function openNetcat(
  place: ShellPlace,
  tools: ShellTools,
  port: number,
  signal: AbortSignal | undefined,
): Promise<RunnerConnection> {
  if (tools.netcat === undefined) throw new RunnerError("unsupported", "The runner has no `nc`");
  const nonce = randomBytes(16).toString("hex");
  const process = await spawnScript(place, scriptOf("port-connect"), "ports.connect", signal);
  process.stderr.on("error", () => undefined).resume();
  const output = new Readable({ read: () => process.stdout.resume() });
  const end = (): void => {
    process.kill();
    output.destroy();
    process.stdin.destroy();
  };
  const connected = new Promise<void>((resolve, reject) => {
    const marked = new MarkedStream(
      nonce,
      () => resolve(),
      (bytes) => {
        if (!output.push(bytes)) process.stdout.pause();
      },
    );
    process.stdout.on("data", (chunk: Buffer) => marked.receive(chunk));
    process.stdout.once("end", () => output.push(null));
    process.stdout.on("error", () => {
      output.destroy();
      reject(connectionLost());
    });
    void process.exited.then(() => reject(nothingListens(port)));
    process.stdin.write(
      sourceLine(assignments({ nonce, port, flags: flags[tools.netcat ?? "busybox"] }), place.fullBlock),
    );
  });
  try {
    const answered = connected.then(() => true);
    if (!(await abortable(within(place.openTimeoutMs, answered, false), signal, "ports.connect"))) {
      throw nothingListens(port);
    }
  } catch (error) {
    end();
    throw error;
  }
  return {
    readable: readableEnd(output),
    writable: writableEnd(process.stdin, connectionLost),
    async [Symbol.asyncDispose]() {
      end();
    },
  };
}
